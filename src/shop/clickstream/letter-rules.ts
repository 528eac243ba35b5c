import { MAX_PROPERTIES_DEPTH } from './schema.ts'

/** Fields that hold ids and times of the shop's own when they hold what they should. */
const PLAIN_FIELDS: ReadonlySet<string> = new Set([
  ...['type', 'event_id', 'anonymous_id', 'session_id', 'timestamp', 'sent_at', 'product_id', 'sku'],
])
const PLAIN = /^[A-Za-z0-9_.:+-]{1,64}$/
const FIELD_NAME = /^[A-Za-z_][A-Za-z0-9_.-]{0,39}$/
const MAX_FIELDS = 50

/**
 * What a dead letter shows of an event that was not taken: which fields it had, and of what kind. Nobody has judged what is in
 * them, so it may be anything, and a log keeps what it has: what could be a person's text is told by its kind and length.
 */
export function shownOf(given: unknown): string {
  return JSON.stringify(outlineOf(given, MAX_PROPERTIES_DEPTH))
}

function outlineOf(value: unknown, levels: number): unknown {
  if (typeof value === 'string') return `<text of ${value.length}>`
  if (Array.isArray(value)) return `<list of ${value.length}>`
  if (typeof value !== 'object' || value === null) return typeof value === 'number' ? '<number>' : value
  const entries = Object.entries(value)
  if (levels === 0) return `<object of ${entries.length}>`
  return Object.fromEntries(
    entries.slice(0, MAX_FIELDS).map(([name, inner], place) => {
      const shown = isPlain(name, inner) ? inner : outlineOf(inner, levels - 1)
      return [FIELD_NAME.test(name) ? name : `<field ${place + 1}>`, shown]
    }),
  )
}

function isPlain(name: string, value: unknown): boolean {
  if (typeof value === 'string') return PLAIN_FIELDS.has(name) && PLAIN.test(value)
  return name === 'quantity' && Number.isSafeInteger(value)
}
