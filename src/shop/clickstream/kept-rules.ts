import type { CloudEvent } from '../../kernel/event.ts'
import type { TimelineItem } from '../timeline/schema.ts'
import type { ClickstreamData } from './events-schema.ts'
import { CLICKSTREAM_TOPIC, MAX_ID_LENGTH } from './schema.ts'

/** What staff ask for an event by, and when it came. */
export function keysOf(time: string, data: ClickstreamData) {
  const { anonymous_id, user_id, session_id, received_at, properties } = data
  const order_id = properties?.order_id
  return {
    // One form, whoever produced it: lists are ordered by its text.
    ...{ time: new Date(time).toISOString(), anonymous_id, received_at },
    ...(user_id !== undefined && { user_id }),
    ...(session_id !== undefined && { session_id }),
    ...(typeof order_id === 'string' && order_id.length <= MAX_ID_LENGTH && { order_id }),
  }
}

interface Keyed {
  time: string
  anonymous_id: string
  user_id?: string
  session_id?: string
  order_id?: string
}

/** An event of the clickstream as a timeline shows it. */
export function visitItem(
  { id, type, data }: Pick<CloudEvent, 'id' | 'type' | 'data'>,
  { time, anonymous_id, user_id, session_id, order_id }: Keyed,
): TimelineItem {
  return {
    ...{ id, topic: CLICKSTREAM_TOPIC, type, time, actor: null, anonymous_id },
    ...{ user_id: user_id ?? null, session_id: session_id ?? null, order_id: order_id ?? null },
    data: data as Record<string, unknown>,
  }
}
