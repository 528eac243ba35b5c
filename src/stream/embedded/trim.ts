import type { DatabaseSync } from 'node:sqlite'
import { MAX_OFFSET, offsetOf, type Place } from './places.ts'
import type { SeenTable } from './seen.ts'
import type { TrimWrite, WriteResult } from './writes.ts'

/** Rows that one step removes from a place; others write between two steps. */
const STEP_ROWS = 50

interface Row {
  id: number
  count: number
  at: number
}

/** Removes whole rows from the old end of places, and forgets old client ids. */
export function trimmer(db: DatabaseSync, seen: SeenTable) {
  const oldest = db.prepare('SELECT id, count, at FROM batches WHERE id >= ? AND id < ? ORDER BY id LIMIT ?')
  const removeThrough = db.prepare('DELETE FROM batches WHERE id >= ? AND id <= ?')
  const setFirst = db.prepare('UPDATE partitions SET first = ? WHERE place = ?')

  const trim = (place: Place, before: number): { first: number; more: boolean } | undefined => {
    const rows = oldest.all(place * MAX_OFFSET, (place + 1) * MAX_OFFSET, STEP_ROWS) as unknown as Row[]
    const kept = rows.findIndex(({ at }) => at >= before)
    const old = kept < 0 ? rows : rows.slice(0, kept)
    const last = old.at(-1)
    if (!last) return undefined
    removeThrough.run(place * MAX_OFFSET, last.id)
    const first = offsetOf(last.id) + last.count
    setFirst.run(first, place)
    return { first, more: old.length === STEP_ROWS }
  }

  return (write: TrimWrite, result: WriteResult): void => {
    for (const { place, before } of write.places) {
      const trimmed = trim(place, before)
      if (!trimmed) continue
      result.firsts.push({ place, first: trimmed.first })
      result.more ||= trimmed.more
    }
    if (seen.forget(write.seen_before)) result.more = true
  }
}
