import { type CloudEvent, EVENT_SOURCE, type Topic } from '../kernel/event.ts'
import { newId } from '../kernel/ids.ts'

/** Where a consumer met what it could not take. */
export interface Poison {
  group: string
  topic: Topic
  partition: number
  offset: number
  /** `topic/partition/offset` when the text is so damaged that it names none. */
  subject: string
  partitionkey: string
  reason: string
  /** The event's text as it was. */
  json: string
}

/** The letter that tells of it, for `ecommerce-dead-letters`. */
export function consumerLetter(poison: Poison, now: number): CloudEvent {
  const { subject, partitionkey, json, ...data } = poison
  return {
    specversion: '1.0',
    id: newId('evt', now),
    source: EVENT_SOURCE,
    type: 'consumer_rejected',
    subject,
    time: new Date(now).toISOString(),
    dataschema: `${EVENT_SOURCE}/schemas/consumer_rejected.json`,
    sequence: 0,
    partitionkey,
    actor: 'system',
    data: { ...data, original: json },
  }
}

export function reasonOf(error: unknown): string {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  return text.slice(0, MAX_REASON)
}

const MAX_REASON = 500
