import { MAX_AGE_OF_EVENT_MS, MAX_AGE_OF_ID_MS, MAX_LEAD_OF_ID_MS } from './schema.ts'

const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i
const ULID = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/i
const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

/** The milliseconds that a UUIDv7 (RFC 9562) or a ULID carries; undefined for any other id. */
export function timeOfId(id: string): number | undefined {
  if (id.length === 36 && UUID_V7.test(id)) return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16)
  if (id.length !== 26 || !ULID.test(id)) return undefined
  let ms = 0
  for (const letter of id.slice(0, 10).toUpperCase()) ms = ms * 32 + CROCKFORD.indexOf(letter)
  return ms
}

/** Whether an id of this time is still remembered, and will not be for ever. */
export function idCounts(at_ms: number, now: number): boolean {
  return at_ms > now - MAX_AGE_OF_ID_MS && at_ms < now + MAX_LEAD_OF_ID_MS
}

/**
 * When an event happened by the server's clock: the client's time, moved by what its clock was off when it
 * sent. A time in the future, or longer ago than such events are kept, is taken as the time of arrival.
 */
export function correctedTime(
  timestamp: number | undefined,
  sent_at: number | undefined,
  now: number,
): number {
  if (timestamp === undefined) return now
  const at = sent_at === undefined ? timestamp : timestamp + (now - sent_at)
  return at <= now && at > now - MAX_AGE_OF_EVENT_MS ? at : now
}
