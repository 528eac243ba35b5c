import type { DatabaseSync } from 'node:sqlite'

/** A notice that is still to be delivered, so many times. */
export interface Letter {
  n: number
  body: string
  copies: number
  tries: number
}

export type Mailbox = ReturnType<typeof openMailbox>

/** Notices in the ledger's file: written with what they tell of, and kept until the shop has taken them. */
export function openMailbox(db: DatabaseSync) {
  const insert = db.prepare('INSERT INTO notices (id, body, due_at, copies) VALUES (?, ?, ?, ?)')
  const due = db.prepare(
    'SELECT n, body, copies, tries FROM notices WHERE copies > 0 AND due_at <= ? ORDER BY due_at, n LIMIT ?',
  )
  const taken = db.prepare('UPDATE notices SET copies = copies - 1, tries = 0 WHERE n = ?')
  const postponed = db.prepare('UPDATE notices SET tries = tries + 1, due_at = ? WHERE n = ?')

  return {
    put(letter: { id: string; body: string; due_at: number; copies: number }): void {
      insert.run(letter.id, letter.body, letter.due_at, letter.copies)
    },
    due: (now: number, limit: number) => due.all(now, limit) as unknown as Letter[],
    taken(n: number): void {
      taken.run(n)
    },
    postponed(n: number, due_at: number): void {
      postponed.run(due_at, n)
    },
  }
}
