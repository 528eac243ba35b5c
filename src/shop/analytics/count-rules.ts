import type { Counts } from './figures-schema.ts'
import type { Move } from './move-rules.ts'
import { MAX_CUSTOM_TYPES, OTHER_CUSTOM_TYPES } from './schema.ts'

/**
 * Counts one event of a type. Visitors choose the names under `custom.`, so a document keeps only the first of
 * them in the alphabet and sums up the rest. A name that was pushed out never comes back in, as the last name
 * kept only moves towards its beginning: so what is kept is exact, in whatever order the events come.
 */
export function countType(events: Counts, type: string, count = 1): void {
  events[type] = (events[type] ?? 0) + count
  if (events[type] !== count || !type.startsWith('custom.') || type === OTHER_CUSTOM_TYPES) return
  const names = Object.keys(events).filter(
    (name) => name.startsWith('custom.') && name !== OTHER_CUSTOM_TYPES,
  )
  if (names.length <= MAX_CUSTOM_TYPES) return
  const last = names.sort().at(-1)!
  events[OTHER_CUSTOM_TYPES] = (events[OTHER_CUSTOM_TYPES] ?? 0) + events[last]!
  delete events[last]
}

/** One less of where it came from, one more of where it went. */
export function shift(counts: Counts, move: Move | undefined): void {
  if (move === undefined || move.from === move.to) return
  if (move.from !== null) add(counts, move.from, -1)
  if (move.to !== null) add(counts, move.to, 1)
}

/** A name without any left is not kept. */
export function add(counts: Counts, name: string, change: number): void {
  const count = (counts[name] ?? 0) + change
  if (count === 0) delete counts[name]
  else counts[name] = count
}
