import type { DatabaseSync } from 'node:sqlite'
import { MAX_OFFSET, offsetOf, rowId } from './places.ts'
import { seenTable } from './seen.ts'
import type { Appended, Group, Write, WriteResult } from './writes.ts'

/** Rows that one step of trimming removes from a place; others write between two steps. */
const TRIM_STEP_ROWS = 50

/** The operations of the writer on its open transaction; `now` in milliseconds. */
export function logOperations(db: DatabaseSync) {
  const seen = seenTable(db)
  const nextOf = db.prepare('SELECT next FROM partitions WHERE place = ?')
  const setNext = db.prepare('UPDATE partitions SET next = ? WHERE place = ?')
  const setFirst = db.prepare('UPDATE partitions SET first = ? WHERE place = ?')
  const insert = db.prepare('INSERT INTO batches (id, count, at, events) VALUES (?, ?, ?, ?)')
  const oldest = db.prepare('SELECT id, count, at FROM batches WHERE id >= ? AND id < ? ORDER BY id LIMIT ?')
  const removeThrough = db.prepare('DELETE FROM batches WHERE id >= ? AND id <= ?')
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

  function trim(place: number, before: number): { first: number | undefined; more: boolean } {
    const rows = oldest.all(place * MAX_OFFSET, (place + 1) * MAX_OFFSET, TRIM_STEP_ROWS) as {
      id: number
      count: number
      at: number
    }[]
    const keepFrom = rows.findIndex(({ at }) => at >= before)
    const old = keepFrom < 0 ? rows : rows.slice(0, keepFrom)
    const last = old.at(-1)
    if (!last) return { first: undefined, more: false }
    removeThrough.run(place * MAX_OFFSET, last.id)
    const first = offsetOf(last.id) + last.count
    setFirst.run(first, place)
    return { first, more: old.length === TRIM_STEP_ROWS }
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
      } else {
        for (const { place, before } of write.places) {
          const { first, more } = trim(place, before)
          if (first !== undefined) result.firsts.push({ place, first })
          result.more ||= more
        }
        if (seen.forget(write.seen_before)) result.more = true
      }
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
