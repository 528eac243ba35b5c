import { Refusal } from './errors.ts'

export const TOPICS = [
  'ecommerce-user-events',
  'ecommerce-orders',
  'ecommerce-inventory',
  'ecommerce-clickstream',
  'ecommerce-payments',
  'ecommerce-operations',
  'ecommerce-dead-letters',
] as const
export type Topic = (typeof TOPICS)[number]

/** Fixed from the first day: another count would move keys between partitions and break their order. */
export const PARTITIONS = 12

/** An event larger than this would not fit a broker's batch; it is refused when it is made. */
export const MAX_EVENT_BYTES = 900 * 1024

/** A CloudEvent 1.0 in one JSON object, as it lies in the outbox and in the embedded log. */
export interface CloudEvent<Data = unknown> {
  specversion: '1.0'
  id: string
  source: string
  type: string
  subject: string
  time: string
  dataschema: string
  /** Counts the events of one (topic, subject) from 1 without gaps; 0 where nothing counts (clickstream). */
  sequence: number
  partitionkey: string
  /** Id of who did it, or `system`. */
  actor: string
  /** Shortened address that the actor's request came from, where it is known. */
  origin?: string
  data: Data
}

/** A domain event before the storage gives it its sequence. */
export interface EventDraft<Data = unknown> extends Omit<CloudEvent<Data>, 'sequence'> {
  topic: Topic
}

export interface EventInput<Data> {
  /** `evt_…`, made by the caller. */
  id: string
  /** The writing document, as `orders/ord_…`. */
  subject: string
  /** Orders the events of one entity: user, order or product id. */
  key: string
  /** Milliseconds. */
  at: number
  actor: string
  origin?: string
  data: Data
}

export const EVENT_SOURCE = '/tradewind'

/** A draft as its type's schema describes it; `defineEvent` is the way to make one that is checked. */
export function draftOf<Data>(type: string, topic: Topic, input: EventInput<Data>): EventDraft<Data> {
  return {
    topic,
    specversion: '1.0',
    id: input.id,
    source: EVENT_SOURCE,
    type,
    subject: input.subject,
    time: new Date(input.at).toISOString(),
    dataschema: `${EVENT_SOURCE}/schemas/${type}.json`,
    partitionkey: input.key,
    actor: input.actor,
    ...(input.origin !== undefined && { origin: input.origin }),
    data: input.data,
  }
}

/** The event with its place in its subject; refuses what no log could carry. */
export function sequenced(
  draft: EventDraft,
  sequence: number,
): { topic: Topic; event: CloudEvent; json: string } {
  const { topic, ...attributes } = draft
  const event: CloudEvent = { ...attributes, sequence }
  const json = JSON.stringify(event)
  if (json.length > MAX_EVENT_BYTES / 3 && Buffer.byteLength(json) > MAX_EVENT_BYTES) {
    throw new Refusal('too_large', 'event_too_large', 'The change is too large to be recorded as one event.')
  }
  return { topic, event, json }
}
