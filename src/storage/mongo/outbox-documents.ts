import type { Db } from 'mongodb'
import { type CloudEvent, PARTITIONS, type Topic } from '../../kernel/event.ts'
import { partitionOf } from '../../kernel/partition.ts'
import { OPERATION } from './connection.ts'
import type { IndexPlan } from './index-plan.ts'

/** Events are shared out among the nodes by the partition of their key. */
export const RANGES = PARTITIONS
/** Of positions that hold no event. */
export const VOID_RANGE = -1
export const REAL_EVENTS = { range: { $gte: 0 } } as const
export const OUTBOX = 'outbox'
/** What the storage knows of itself: a handful of documents. */
export const FACTS = 'storage_facts'

/** An event on its way to the log. */
export interface OutboxDocument {
  /** Its position. */
  _id: number
  topic: Topic
  subject: string
  /** 0 where nothing counts: such an event belongs to no document. */
  sequence: number
  event_id: string
  range: number
  /** Milliseconds of the commit. */
  at: number
  json: string
  /** Number of the holding of its range when it came here: a later holder cannot know whether it was sent. */
  fence: number
}

export interface Positions {
  _id: 'outbox'
  given: number
  acknowledged: number
}

export const OUTBOX_INDEXES: readonly IndexPlan[] = [
  {
    collection: OUTBOX,
    name: 'once',
    key: { subject: 1, topic: 1, sequence: 1 },
    unique: true,
    partialFilterExpression: { sequence: { $gt: 0 } },
  },
  { collection: OUTBOX, name: 'by_range', key: { range: 1, _id: 1 } },
]

export function toOutbox(waiting: { topic: Topic; event: CloudEvent; at: number; json?: string }) {
  const { topic, event, at } = waiting
  return {
    _id: 0,
    topic,
    subject: event.subject,
    sequence: event.sequence,
    event_id: event.id,
    range: partitionOf(event.partitionkey, RANGES),
    at,
    json: waiting.json ?? JSON.stringify(event),
    fence: 0,
  } satisfies OutboxDocument
}

export function positionsOf(db: Db) {
  return db.collection<Positions>(FACTS)
}

/**
 * Gives the events the next positions, in their order. They must have been read before: a position that was taken earlier
 * could put an event before one of the same document that somebody else has moved meanwhile.
 */
export async function givePositions(db: Db, events: readonly OutboxDocument[]): Promise<void> {
  const after = await positionsOf(db).findOneAndUpdate(
    { _id: 'outbox' },
    { $inc: { given: events.length } },
    { returnDocument: 'after', ...OPERATION },
  )
  if (!after) throw new Error(`the collection ${FACTS} has lost its document "outbox"`)
  const first = after.given - events.length + 1
  events.forEach((event, place) => {
    event._id = first + place
  })
}
