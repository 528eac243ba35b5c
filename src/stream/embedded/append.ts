import type { DatabaseSync } from 'node:sqlite'
import { rowId } from './places.ts'
import { seenTable } from './seen.ts'
import { trimmer } from './trim.ts'
import type { Appended, Group, Write, WriteResult } from './writes.ts'

/** The operations of the writer on its open transaction; `now` in milliseconds. */
export function logOperations(db: DatabaseSync) {
  const seen = seenTable(db)
  const trimAll = trimmer(db, seen)
  const nextOf = db.prepare('SELECT next FROM partitions WHERE place = ?')
  const setNext = db.prepare('UPDATE partitions SET next = ? WHERE place = ?')
  const insert = db.prepare('INSERT INTO batches (id, count, at, events) VALUES (?, ?, ?, ?)')
  const position = db.prepare("SELECT value FROM facts WHERE name = 'outbox_position'")
  const setPosition = db.prepare("UPDATE facts SET value = ? WHERE name = 'outbox_position'")

  const checked = db.prepare(
    "INSERT INTO facts (name, value) VALUES ('checked_at', ?) ON CONFLICT DO UPDATE SET value = excluded.value",
  )

  function append(group: Group, dropped: number[], now: number): Appended {
    const { place } = group
    const { next } = nextOf.get(place) as { next: number }
    const kept = group.count - dropped.length
    if (kept > 0) {
      insert.run(
        rowId(place, next),
        kept,
        now,
        dropped.length === 0 ? group.text : without(group.text, dropped),
      )
      setNext.run(next + kept, place)
    }
    return { place, base: next, kept, dropped }
  }

  return {
    outboxPosition: () => (position.get() as { value: number }).value,
    run(write: Write, now: number): WriteResult {
      const result: WriteResult = { appended: [], firsts: [], more: false }
      if (write.kind === 'outbox') {
        const known = (position.get() as { value: number }).value
        for (const group of write.groups)
          result.appended.push(append(group, through(group.positions, known), now))
        if (write.through > known) setPosition.run(write.through)
      } else if (write.kind === 'clickstream') {
        for (const group of write.groups) result.appended.push(append(group, seen.remember(group.dedup), now))
      } else if (write.kind === 'letters') {
        for (const group of write.groups) result.appended.push(append(group, [], now))
      } else if (write.kind === 'check') {
        checked.run(now)
      } else trimAll(write, result)
      return result
    },
  }
}

function through(positions: readonly number[], known: number): number[] {
  const dropped: number[] = []
  for (let index = 0; index < positions.length && positions[index]! <= known; index++) dropped.push(index)
  return dropped
}

function without(text: string, dropped: readonly number[]): string {
  const gone = new Set(dropped)
  return text
    .split('\n')
    .filter((_, index) => !gone.has(index))
    .join('\n')
}
