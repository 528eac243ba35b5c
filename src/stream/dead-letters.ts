import { Type } from 'typebox'
import { type CloudEvent, sequenced, type Topic } from '../kernel/event.ts'
import { defineEvent } from '../kernel/event-type.ts'
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

const consumerRejected = defineEvent(
  'consumer_rejected',
  'ecommerce-dead-letters',
  Type.Object({
    group: Type.String({ description: 'The consumer group that could not take the event' }),
    topic: Type.String(),
    partition: Type.Integer(),
    offset: Type.Integer({ description: 'Where the event stands; later ones of its subject wait behind it' }),
    reason: Type.String(),
    original: Type.String({ description: "The event's text as it was" }),
  }),
)

const logRefused = defineEvent(
  'log_refused',
  'ecommerce-dead-letters',
  Type.Object({
    topic: Type.String(),
    reason: Type.String({ description: 'Why the log will never take the event as it is' }),
    original: Type.String({ description: "The event's text as it was, or its beginning" }),
  }),
)

/** Most refusals are for size, and the letter must not meet the same one. */
const MAX_REFUSED_CHARACTERS = 32 * 1024

/** The rest of a larger one is in the log, at the offset that the letter names. */
const MAX_ORIGINAL_CHARACTERS = 128 * 1024

/** What the stream itself tells. */
export const EVENTS = [consumerRejected, logRefused]

/** The letter that tells of it, for `ecommerce-dead-letters`. */
export function consumerLetter(poison: Poison, now: number): CloudEvent {
  const { subject, partitionkey, json, ...where } = poison
  const id = newId('evt', now)
  const data = { ...where, original: json.slice(0, MAX_ORIGINAL_CHARACTERS) }
  const draft = consumerRejected.draft({ id, subject, key: partitionkey, at: now, actor: 'system', data })
  return sequenced(draft, 0).event
}

/** The letter about an event that the log itself refuses. */
export function refusalLetter(
  { topic, json, reason }: { topic: Topic; json: string; reason: string },
  now: number,
): CloudEvent {
  const { subject, partitionkey } = JSON.parse(json) as CloudEvent
  const data = { topic, reason: reason.slice(0, MAX_REASON), original: json.slice(0, MAX_REFUSED_CHARACTERS) }
  const about = { id: newId('evt', now), subject, key: partitionkey, at: now, actor: 'system', data }
  return sequenced(logRefused.draft(about), 0).event
}

export function reasonOf(error: unknown): string {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  return text.slice(0, MAX_REASON)
}

const MAX_REASON = 500
