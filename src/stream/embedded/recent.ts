import type { LogRecord } from '../stream.ts'
import { PLACES, type Place } from './places.ts'
import type { Appended, Group, Write } from './writes.ts'

/** Events kept of one partition, and of them together, in characters. */
const MAX_EVENTS = 2_000
const MAX_CHARACTERS = 128 * 1024

interface Tail {
  records: LogRecord[]
  characters: number
}

/**
 * The newest events of each partition in memory: groups that keep up read and parse an event once among them
 * all instead of once each.
 */
export function recentEvents() {
  const tails: Tail[] = Array.from({ length: PLACES }, () => ({ records: [], characters: 0 }))

  const append = (group: Group, { place, base, kept, dropped }: Appended) => {
    const tail = tails[place]!
    if (kept === 0) return
    const last = tail.records.at(-1)
    if (group.text.length > MAX_CHARACTERS || (last && last.offset + 1 !== base)) {
      tails[place] = { records: [], characters: 0 }
      if (group.text.length > MAX_CHARACTERS) return
    }
    const { records } = tails[place]!
    const gone = dropped.length > 0 ? new Set(dropped) : undefined
    let offset = base
    group.text.split('\n').forEach((json, index) => {
      if (!gone?.has(index)) records.push({ offset: offset++, json })
    })
    tails[place]!.characters += group.text.length
    shorten(tails[place]!)
  }

  return {
    add(write: Write, appended: readonly Appended[]): void {
      if (write.kind === 'trim' || write.kind === 'check') return
      appended.forEach((one, index) => {
        append(write.groups[index]!, one)
      })
    },
    /** Undefined when `offset` is older than what is kept. */
    read(place: Place, offset: number, limit: number): LogRecord[] | undefined {
      const { records } = tails[place]!
      const first = records[0]
      if (!first || offset < first.offset) return undefined
      return records.slice(offset - first.offset, offset - first.offset + limit)
    },
  }
}

/** Halves instead of shifting one by one. */
function shorten(tail: Tail): void {
  if (tail.records.length <= MAX_EVENTS && tail.characters <= MAX_CHARACTERS) return
  const gone = tail.records.splice(0, Math.ceil(tail.records.length / 2))
  tail.characters = Math.max(0, tail.characters - gone.reduce((sum, { json }) => sum + json.length, 0))
}
