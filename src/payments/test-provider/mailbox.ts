import type { DatabaseSync } from 'node:sqlite'

/** A notice that is still to be delivered, so many times. */
export interface Letter {
  n: number
  id: string
  body: string
  copies: number
  tries: number
}

/** What waits longer is from before the clock was put back. */
const LONGEST_WAIT_MS = 2 * 60_000

export type Mailbox = ReturnType<typeof openMailbox>

/** Notices in the ledger's file: written with what they tell of, and kept until the shop has taken them. */
export function openMailbox(db: DatabaseSync) {
  const insert = db.prepare('INSERT INTO notices (id, body, due_at, copies) VALUES (?, ?, ?, ?)')
  const due = db.prepare(
    `SELECT n, id, body, copies, tries FROM notices WHERE copies > 0 AND (due_at <= ? OR due_at > ?)
     ORDER BY due_at, n LIMIT ?`,
  )
  const taken = db.prepare('UPDATE notices SET copies = copies - 1, tries = 0 WHERE n = ?')
  const forged = db.prepare('INSERT INTO forgeries (notice, status) VALUES (?, ?)')
  const postponed = db.prepare('UPDATE notices SET tries = tries + 1, due_at = ? WHERE n = ?')

  return {
    put(letter: { id: string; body: string; due_at: number; copies: number }): void {
      insert.run(letter.id, letter.body, letter.due_at, letter.copies)
    },
    due: (now: number, limit: number) => due.all(now, now + LONGEST_WAIT_MS, limit) as unknown as Letter[],
    taken(n: number): void {
      taken.run(n)
    },
    /** Writes down how the shop answered what was signed by somebody else. */
    forged(id: string, status: number): void {
      forged.run(id, status)
    },
    postponed(n: number, due_at: number): void {
      postponed.run(due_at, n)
    },
  }
}
