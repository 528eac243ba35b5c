import type { CloudEvent, Topic } from '../../kernel/event.ts'
import { isId } from '../../kernel/ids.ts'
import {
  type DeadLetter,
  type DeadLetterView,
  LETTER_TYPES,
  type LetterType,
  type New,
  shortReason,
} from './schema.ts'

/** What the letters tell beside the event. */
interface Told {
  topic: Topic
  group?: string
  reason?: string
  code?: string
  message?: string
}

/** Where a letter stands; undefined for what another hand wrote into the topic. */
export function letterAt(
  event: CloudEvent,
  { partition, offset }: { partition: number; offset: number },
): New<DeadLetter> | undefined {
  if (!(LETTER_TYPES as readonly string[]).includes(event.type)) return undefined
  const { topic, group, reason, code, message } = event.data as Told
  return {
    ...{ id: event.id, type: event.type as LetterType, topic, subject: event.subject },
    ...(group !== undefined && { group }),
    reason: shortReason(reason ?? `${code}: ${message}`),
    ...{ partition, offset, created_at: event.time, updated_at: event.time },
  }
}

/** In the text of a visitor's event the actor stands before whatever the visitor chose. */
const ACTOR = /"actor":"([^"]+)"/

/** Who was signed in and did what a letter of the log is about; undefined for a guest, and for what no visitor did. */
export function personOf({ actor, data }: CloudEvent): string | undefined {
  const { topic, original = '' } = data as Told & { original?: string }
  if (topic !== 'ecommerce-clickstream') return undefined
  return [actor, ACTOR.exec(original)?.[1]].find((one) => one !== undefined && isId(one, 'usr'))
}

/** A letter as staff see it. */
export function letterView(
  letter: DeadLetter,
  state: DeadLetterView['state'],
  original?: string | null,
): DeadLetterView {
  const { id, type, created_at: at, topic, subject, group = null, reason, retried_at = null } = letter
  return {
    ...{ id, type, at, topic, subject, group, reason, state, retried_at },
    ...(original !== undefined && { original }),
  }
}
