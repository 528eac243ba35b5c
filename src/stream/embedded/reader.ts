import type { DatabaseSync } from 'node:sqlite'
import type { LogRecord } from '../stream.ts'
import { MAX_OFFSET, offsetOf, type Place, rowId } from './places.ts'

/** What one read returns at most, in characters. */
const MAX_READ_CHARACTERS = 4 * 1024 * 1024
const FIRST_ROWS = 8
const MAX_ROWS = 512

interface Row {
  id: number
  count: number
  events: string
}

export interface LogReader {
  /** Events of a place from `offset` (or the first that is left) up to `next`, at most `limit` and about 4 MiB. */
  read(place: Place, range: { offset: number; next: number; limit: number }): LogRecord[]
  ends(): { place: Place; first: number; next: number }[]
  close(): void
}

/** Reads rows whole, never through an unfinished iterator: that would pin an old snapshot and stop checkpoints. */
export function logReader(db: DatabaseSync): LogReader {
  const holding = db.prepare(
    'SELECT id, count, events FROM batches WHERE id >= ? AND id <= ? ORDER BY id DESC LIMIT 1',
  )
  const following = db.prepare(
    'SELECT id, count, events FROM batches WHERE id > ? AND id < ? ORDER BY id LIMIT ?',
  )
  const ends = db.prepare('SELECT place, first, next FROM partitions ORDER BY place')

  return {
    read(place, { offset, next, limit }) {
      const records: LogRecord[] = []
      let characters = 0
      let last = rowId(place, offset)
      const take = (row: Row) => {
        characters += row.events.length
        last = row.id
        collect(records, row, { offset, next, limit })
      }
      const row = holding.get(rowId(place, 0), rowId(place, offset)) as Row | undefined
      if (row) take(row)
      let rows = FIRST_ROWS
      while (records.length < limit && characters < MAX_READ_CHARACTERS) {
        const found = following.all(last, (place + 1) * MAX_OFFSET, rows) as unknown as Row[]
        for (const one of found) take(one)
        if (found.length < rows) break
        const average = Math.max(1, found.reduce((sum, { events }) => sum + events.length, 0) / found.length)
        rows = Math.max(1, Math.min(MAX_ROWS, Math.floor((MAX_READ_CHARACTERS - characters) / average)))
      }
      return records
    },
    ends: () => ends.all() as { place: number; first: number; next: number }[],
    close: () => db.close(),
  }
}

function collect(
  records: LogRecord[],
  row: Row,
  range: { offset: number; next: number; limit: number },
): void {
  const base = offsetOf(row.id)
  if (base + row.count <= range.offset) return
  const lines = row.events.split('\n')
  if (lines.length !== row.count)
    throw new Error(`log.db: the row at offset ${base} does not hold ${row.count} events`)
  for (let index = Math.max(0, range.offset - base); index < lines.length; index++) {
    const offset = base + index
    if (offset >= range.next || records.length >= range.limit) return
    records.push({ offset, json: lines[index]! })
  }
}
