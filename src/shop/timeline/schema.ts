import { type Static, Type } from 'typebox'
import { TOPICS, type Topic } from '../../kernel/event.ts'
import type { CollectionDefinition, New, Position, Stored } from '../../storage/storage.ts'

export type { New }

/** Whose events are asked for; the names of declared indexes. */
export const TIMELINES = ['visitor', 'user', 'session', 'order'] as const
export type TimelineOf = (typeof TIMELINES)[number]
const MAX_KEY_LENGTH = 64

/** What tells of accounts, orders and their money; stock has a ledger of its own. */
export const TOLD_TOPICS = ['ecommerce-user-events', 'ecommerce-orders', 'ecommerce-payments'] as const

/** A domain event as staff ask for it; the id is the event's. */
export interface ToldEvent extends Stored {
  topic: Topic
  type: string
  time: string
  subject: string
  actor: string
  anonymous_id?: string
  user_id?: string
  session_id?: string
  order_id?: string
  /** JSON text. */
  data: string
}

/** The same indexes as those of the clickstream, so that both are merged by time. */
export const TOLD_EVENTS: CollectionDefinition<ToldEvent> = {
  name: 'told_events',
  indexes: {
    visitor: { fields: ['anonymous_id', 'time'] },
    user: { fields: ['user_id', 'time'] },
    session: { fields: ['session_id', 'time'] },
    order: { fields: ['order_id', 'time'] },
  },
}

const closed = { additionalProperties: false } as const
const Id = Type.Union([Type.String(), Type.Null()])

export const TimelineItem = Type.Object(
  {
    id: Type.String(),
    topic: Type.Enum([...TOPICS]),
    type: Type.String(),
    time: Type.String({ description: 'When it happened' }),
    actor: { ...Id, description: 'Who did it; null for what visitors do' },
    anonymous_id: { ...Id, description: 'The visitor' },
    user_id: { ...Id, description: 'Also of what a visitor did before signing in' },
    session_id: Id,
    order_id: Id,
    data: Type.Record(Type.String(), Type.Unknown(), { description: 'All that the event tells' }),
  },
  closed,
)
export type TimelineItem = Static<typeof TimelineItem>

export const TimelinePage = Type.Object(
  { items: Type.Array(TimelineItem), next_cursor: Type.Union([Type.String(), Type.Null()]) },
  closed,
)

const Key = Type.Optional(Type.String({ minLength: 1, maxLength: MAX_KEY_LENGTH }))
export const TimelineFilter = { visitor: Key, user: Key, session: Key, order: Key }
export type TimelineFilter = Partial<Record<TimelineOf, string>>

export interface TimelineQuery {
  of: TimelineOf
  key: string
  limit: number
  after?: Position
}

/** Where a part of a timeline comes from: newest first, by time and then by id. */
export interface EventSource {
  list(query: TimelineQuery): Promise<TimelineItem[]>
}
