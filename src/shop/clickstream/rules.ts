import { EVENT_SOURCE } from '../../kernel/event.ts'
import type { Principal } from '../../kernel/principal.ts'
import { withoutPersonalParts } from './privacy-rules.ts'
import { REJECTIONS, type Rejection } from './rejection-rules.ts'
import {
  type ClickstreamEvent,
  MAX_CLICKSTREAM_EVENT_BYTES,
  MAX_EVENTS,
  MAX_PROPERTIES_DEPTH,
} from './schema.ts'
import { correctedTime, idCounts, timeOfId } from './time-rules.ts'

/** What all events of one request have in common. */
export interface Arrival {
  now: number
  /** Visitor of the events that name none; null when there is no session either. */
  visitor: string | null
  user_id: string | null
  user_agent: string
  is_bot: boolean
  ip: string | null
}

/** An event as the log takes it. */
export interface EncodedEvent {
  key: string
  dedup: { id: string; at_ms: number } | null
  json: string
}

/** The events of a body in any of its three forms; undefined when it is none, or too long a list. */
export function eventsOf(body: unknown): readonly unknown[] | undefined {
  const list = isObject(body) && 'events' in body && Object.keys(body).length === 1 ? body.events : body
  if (Array.isArray(list)) return list.length <= MAX_EVENTS ? list : undefined
  return list === body && isObject(body) ? [body] : undefined
}

/**
 * The visitor of a caller who names none: the session of a guest, else the user. The tilde keeps these apart
 * from the ids that clients choose.
 */
export function visitorOf(principal: Principal): string | null {
  if (principal.kind === 'anonymous') return null
  return `~${principal.kind === 'guest' ? principal.id.slice('guest:'.length).slice(0, 22) : principal.id}`
}

/** The end of every event of a request, rendered once. */
export function arrivalText({ now, user_agent, is_bot, ip }: Arrival): string {
  const seen = { received_at: new Date(now).toISOString(), user_agent, is_bot, ip, country: null }
  return `${JSON.stringify(seen).slice(1)}}`
}

/**
 * Builds the CloudEvent's text of an event that fits the schema: written out by hand, because this is the
 * busiest path of the shop. Whatever is not quoted by JSON.stringify is safe by the schema's patterns.
 */
export function encodeEvent(
  event: ClickstreamEvent,
  id: string,
  arrival: Arrival,
  tail: string,
): EncodedEvent | Rejection {
  const visitor = event.anonymous_id ?? arrival.visitor
  if (visitor === null) return REJECTIONS.noVisitor
  const timestamp = parseTime(event.timestamp)
  const sent_at = parseTime(event.sent_at)
  if (Number.isNaN(timestamp) || Number.isNaN(sent_at)) return REJECTIONS.badTime
  let dedup: EncodedEvent['dedup'] = null
  if (event.event_id !== undefined) {
    const at_ms = timeOfId(event.event_id) ?? timestamp
    if (at_ms === undefined) return REJECTIONS.idWithoutTime
    if (!idCounts(at_ms, arrival.now)) return REJECTIONS.idOutOfTime
    dedup = { id: event.event_id, at_ms }
  }
  if (event.properties !== undefined && !withinDepth(event.properties, MAX_PROPERTIES_DEPTH))
    return REJECTIONS.tooDeep
  const time = new Date(correctedTime(timestamp, sent_at, arrival.now)).toISOString()
  const { type } = event
  const json =
    `{"specversion":"1.0","id":"${id}","source":"${EVENT_SOURCE}","type":"${type}","subject":"visitors/${visitor}",` +
    `"time":"${time}","dataschema":"${EVENT_SOURCE}/schemas/${type.startsWith('custom.') ? 'custom' : type}.json",` +
    `"sequence":0,"partitionkey":"${visitor}","actor":"${arrival.user_id ?? visitor}","data":{"anonymous_id":"${visitor}",` +
    `${fieldsText(event, arrival.user_id)}${tail}`
  if (
    json.length * 3 > MAX_CLICKSTREAM_EVENT_BYTES &&
    Buffer.byteLength(json) > MAX_CLICKSTREAM_EVENT_BYTES
  ) {
    return REJECTIONS.tooLarge
  }
  return { key: visitor, dedup, json }
}

function fieldsText(event: ClickstreamEvent, user_id: string | null): string {
  let text = ''
  if (user_id !== null) text += `"user_id":"${user_id}",`
  if (event.event_id !== undefined) text += `"event_id":"${event.event_id}",`
  if (event.session_id !== undefined) text += `"session_id":"${event.session_id}",`
  if (event.url !== undefined) text += `"url":${JSON.stringify(withoutPersonalParts(event.url))},`
  if (event.referrer !== undefined)
    text += `"referrer":${JSON.stringify(withoutPersonalParts(event.referrer))},`
  if (event.product_id !== undefined) text += `"product_id":"${event.product_id}",`
  if (event.sku !== undefined) text += `"sku":${JSON.stringify(event.sku)},`
  if (event.query !== undefined) text += `"query":${JSON.stringify(event.query)},`
  if (event.quantity !== undefined) text += `"quantity":${event.quantity},`
  if (event.price !== undefined) text += `"price":${JSON.stringify(event.price)},`
  if (event.properties !== undefined) text += `"properties":${JSON.stringify(event.properties)},`
  if (event.timestamp !== undefined) text += `"client_timestamp":"${event.timestamp}",`
  return text
}

function parseTime(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Date.parse(text)
}

function withinDepth(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return true
  if (levels === 0) return false
  for (const key in value) if (!withinDepth((value as Record<string, unknown>)[key], levels - 1)) return false
  return true
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
