import { withoutPersonalParts } from './privacy-rules.ts'
import { REJECTIONS, type Rejection } from './rejection-rules.ts'
import { type ClickstreamEvent, MAX_CLICKSTREAM_EVENT_BYTES, MAX_PROPERTIES_DEPTH } from './schema.ts'

/** Fields that hold ids and times of the shop's own when they hold what they should. */
const PLAIN_FIELDS: ReadonlySet<string> = new Set([
  ...['type', 'event_id', 'anonymous_id', 'session_id', 'timestamp', 'sent_at', 'product_id', 'sku'],
])
const PLAIN = /^[A-Za-z0-9_.:+-]{1,64}$/
const FIELD_NAME = /^[A-Za-z_][A-Za-z0-9_.-]{0,39}$/
const MAX_FIELDS = 50

/** What a dead letter keeps of an event that was not taken, as JSON. */
export interface KeptOriginal {
  original: string
  /** It is not the event but which fields it had. */
  outline?: true
}

/**
 * An event of a guest that came at the wrong time fits otherwise: it is kept as the log would have it, so that it can be taken
 * later. Of any other nobody has judged what is in it, and one of somebody signed in would outlive its person: a log keeps what it
 * has. So what could be a person's text is told by its kind and length.
 */
export function originalOf(
  given: unknown,
  { code }: Rejection,
  { signed_in }: { signed_in: boolean },
): KeptOriginal {
  if (code === REJECTIONS.idOutOfTime.code && !signed_in) {
    const { url, referrer, ...event } = given as ClickstreamEvent
    const addresses = {
      ...(url !== undefined && { url: withoutPersonalParts(url) }),
      ...(referrer !== undefined && { referrer: withoutPersonalParts(referrer) }),
    }
    const original = JSON.stringify({ ...event, ...addresses })
    if (Buffer.byteLength(original) <= MAX_CLICKSTREAM_EVENT_BYTES) return { original }
  }
  return { original: JSON.stringify(outlineOf(given, MAX_PROPERTIES_DEPTH)), outline: true }
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
