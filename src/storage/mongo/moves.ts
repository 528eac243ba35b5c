import { type Db, MongoBulkWriteError } from 'mongodb'
import type { Logger } from '../../kernel/logger.ts'
import { isOfDuplicates } from './bulk.ts'
import { OPERATION } from './connection.ts'
import type { Doubts } from './doubts.ts'
import type { PendingEvent } from './engine.ts'
import { brokenUnique } from './errors.ts'
import { without } from './expressions.ts'
import { givePositions, OUTBOX, type OutboxDocument, toOutbox } from './outbox-documents.ts'

/** Bounds of what is moved at once. */
const EVENTS_OF_ONE_MOVE = 1_000
const BYTES_OF_ONE_MOVE = 8 * 1024 * 1024
/** Rounds without any progress before something is wrong. */
const MAX_STALLED = 3

/** A document with events that wait in it. */
export interface Telling {
  collection: string
  _id: string
  /** The range whose holder moves them. */
  _pending: number
  _outbox: PendingEvent[]
}

/** A document and its events as they go into the outbox, in order. */
interface Moving {
  document: Telling
  events: OutboxDocument[]
}

/** The number of the holding by which a range's events may be moved now, undefined when they may not. */
export type Fence = (range: number) => number | undefined

export interface MoveParts {
  db: Db
  logger: Logger
  doubts: Pick<Doubts, 'add'>
}

export interface Moved {
  /** Events. */
  count: number
  /** Ranges whose documents were passed over, because this node may not move them any more. */
  passed_over: Set<number>
}

/**
 * Moves the events of these documents to the outbox and takes them out of the documents; says what it came to. Nobody else needs
 * to stand back meanwhile: why two that move one document neither lose nor reorder its events is in docs/decisions/0094.
 */
export async function moveEvents(
  parts: MoveParts,
  documents: readonly Telling[],
  fence: Fence,
): Promise<Moved> {
  const moved: Moved = { count: 0, passed_over: new Set() }
  let stalled = 0
  for (const part of partsOf(documents)) {
    let rest = part
    while (rest.length > 0) {
      const { there, left, refused, passed_over } = await moveSome(parts, rest, fence)
      moved.count += there.size
      for (const range of passed_over) moved.passed_over.add(range)
      stalled = there.size > 0 ? 0 : stalled + 1
      // The one that was in the way may have gone to the log between two looks; then the next round gets on.
      if (stalled < MAX_STALLED) rest = left
      else rest = left.filter(({ document, events }) => !refuses(parts.logger, document, events, refused))
    }
  }
  return moved
}

function refuses(
  logger: Logger,
  { collection, _id }: Telling,
  events: readonly OutboxDocument[],
  refused: OutboxDocument | undefined,
): boolean {
  if (refused === undefined || !events.includes(refused)) return false
  const { topic, subject, sequence, event_id } = refused
  const details = { collection, id: _id, topic, subject, sequence, event_id }
  logger.error(details, 'an event waits in its document, because another one has its place in the outbox')
  return true
}

function partsOf(documents: readonly Telling[]): Moving[][] {
  const parts: Moving[][] = [[]]
  let events = 0
  let bytes = 0
  for (const document of documents) {
    const moving = { document, events: document._outbox.map(toOutbox) }
    const size = moving.events.reduce((sum, { json }) => sum + json.length, 0)
    if (events + moving.events.length > EVENTS_OF_ONE_MOVE || bytes + size > BYTES_OF_ONE_MOVE) {
      parts.push([])
      events = 0
      bytes = 0
    }
    events += moving.events.length
    bytes += size
    parts.at(-1)!.push(moving)
  }
  return parts
}

interface Round {
  /** Ids of events that are in the outbox after it. */
  there: Set<string>
  /** Documents with events that are not. */
  left: Moving[]
  /** The event at which it stopped, because one with its place was there. */
  refused?: OutboxDocument
  passed_over: number[]
}

async function moveSome(parts: MoveParts, moving: Moving[], fence: Fence): Promise<Round> {
  await givePositions(
    parts.db,
    moving.flatMap(({ events }) => events),
  )
  // The wait for the positions may have outlasted a lease.
  const mine = moving.filter(({ document, events }) => {
    const number = fence(document._pending)
    for (const event of events) event.fence = number ?? 0
    return number !== undefined
  })
  const passed_over = moving.filter((one) => !mine.includes(one)).map(({ document }) => document._pending)
  const events = mine.flatMap((one) => one.events)
  if (events.length === 0) return { there: new Set(), left: [], passed_over }
  const { there, refused } = await insertInOrder(parts, events)
  await takeOut(parts.db, mine, there)
  const left = mine
    .map(({ document, events }) => ({
      document,
      events: events.filter(({ event_id }) => !there.has(event_id)),
    }))
    .filter(({ events }) => events.length > 0)
  return { there, left, refused, passed_over }
}

/**
 * Stops at the first event that somebody else brought there: what follows it in its document needs a position given after
 * that was seen.
 */
async function insertInOrder(
  { db, doubts }: MoveParts,
  events: readonly OutboxDocument[],
): Promise<Pick<Round, 'there' | 'refused'>> {
  const outbox = db.collection<OutboxDocument>(OUTBOX)
  try {
    await outbox.insertMany(events, { ordered: true, ...OPERATION })
    return { there: idsOf(events) }
  } catch (error) {
    const place = error instanceof MongoBulkWriteError && isOfDuplicates(error) ? refusedAt(error) : undefined
    if (place === undefined) {
      doubts.add(events)
      throw error
    }
    // By their places alone: a subject may have a whole outage's events waiting.
    const places = events.slice(place).map(({ subject, topic, sequence }) => ({ subject, topic, sequence }))
    const found = await outbox
      .find({ sequence: { $gt: 0 }, $or: places }, OPERATION)
      .project<Pick<OutboxDocument, 'event_id'>>({ _id: 0, event_id: 1 })
      .toArray()
    const known = idsOf(found)
    const there = events.filter(({ event_id }, index) => index < place || known.has(event_id))
    return { there: idsOf(there), refused: events[place] }
  }
}

/** The index of the event whose place was taken, undefined when it is a position that was. */
function refusedAt(error: MongoBulkWriteError): number | undefined {
  const [refused] = [error.writeErrors].flat()
  return refused && brokenUnique(refused) !== 'id' ? refused.index : undefined
}

function idsOf(events: readonly Pick<OutboxDocument, 'event_id'>[]): Set<string> {
  return new Set(events.map(({ event_id }) => event_id))
}

async function takeOut(db: Db, moving: readonly Moving[], there: ReadonlySet<string>): Promise<void> {
  const byCollection = Map.groupBy(moving, ({ document }) => document.collection)
  await Promise.all(
    [...byCollection].map(([collection, ones]) =>
      db.collection<Omit<Telling, 'collection'>>(collection).bulkWrite(
        ones.map((one) => removal(one, there)),
        { ordered: false, ...OPERATION },
      ),
    ),
  )
}

function removal({ document, events }: Moving, there: ReadonlySet<string>) {
  const ids = events.flatMap(({ event_id }) => (there.has(event_id) ? [event_id] : []))
  const unlessEmpty = (field: string) => ({ $cond: [{ $eq: ['$_outbox', []] }, '$$REMOVE', field] })
  return {
    updateOne: {
      filter: { _id: document._id, _pending: { $exists: true } },
      update: [
        { $set: { _outbox: without('_outbox', 'event.id', ids) } },
        { $set: { _pending: unlessEmpty('$_pending'), _outbox: unlessEmpty('$_outbox') } },
      ],
    },
  }
}
