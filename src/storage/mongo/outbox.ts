import type { CloudEvent } from '../../kernel/event.ts'
import { MAX_COUNT } from '../list-query.ts'
import type { Outbox } from '../outbox.ts'
import { OPERATION } from './connection.ts'
import type { MongoEngine } from './engine.ts'
import type { Leases } from './leases.ts'
import type { Mover } from './mover.ts'
import {
  givePositions,
  OUTBOX,
  type OutboxDocument,
  positionsOf,
  RANGES,
  REAL_EVENTS,
  toOutbox,
} from './outbox-documents.ts'

export interface OutboxParts {
  leases: Pick<Leases, 'held' | 'fenceOf'>
  mover: Pick<Mover, 'settle' | 'ready' | 'waiting'>
  /** Events that this node handed out and that are not confirmed: range by position. */
  handed: Map<number, number>
  listeners: Set<() => void>
}

/** The second stage's side: hands out the events of this node's ranges in order, and forgets those that were confirmed. */
export function createOutbox(engine: MongoEngine, { leases, mover, handed, listeners }: OutboxParts): Outbox {
  const { db, run, clock } = engine
  const outbox = db.collection<OutboxDocument>(OUTBOX)
  const positions = positionsOf(db)
  let readOnce = false

  const notify = () => {
    for (const listener of listeners) listener()
  }

  /**
   * Whether something of these ranges lies below and was not handed out: a range that was taken since, or an event that a
   * slow node brought. It goes first, so only a reading from the beginning will do. Asked after the events themselves:
   * whatever belongs before them was there when they were.
   */
  const isPassedOver = async (ranges: readonly number[], after: number) =>
    (await outbox.findOne(
      { range: { $in: [...ranges] }, _id: { $lte: after, $nin: [...handed.keys()] } },
      { projection: { _id: 1 }, ...OPERATION },
    )) !== null

  return {
    read: (after, limit) =>
      run(async () => {
        // Whoever runs it by the clock tells of its failure; what is whole can be handed out all the same.
        await mover.settle().catch(() => {})
        readOnce = true
        const ranges = mover.ready()
        if (ranges.length === 0) return []
        const mine = ranges.length < RANGES ? { range: { $in: ranges } } : REAL_EVENTS
        const found = await outbox
          .find({ ...mine, _id: { $gt: after } }, { sort: { _id: 1 }, limit, batchSize: limit, ...OPERATION })
          .toArray()
        if (after > 0 && (await isPassedOver(ranges, after))) return []
        const held = leases.held()
        const usable = found.filter(({ range }) => held.has(range))
        // A reading from the beginning takes the place of the one before it.
        if (after === 0) handed.clear()
        for (const { _id, range } of usable) handed.set(_id, range)
        return usable.map(({ _id, topic, json, range, fence }) => ({
          position: _id,
          topic,
          event: JSON.parse(json) as CloudEvent,
          json,
          ...(fence !== held.get(range) && { taken_over: true as const }),
        }))
      }),
    acknowledge: (through) =>
      run(async () => {
        // One that a slow node brought below what was sent is not sent yet.
        const confirmed = [...handed.keys()].filter((position) => position <= through)
        const wanted = readOnce ? { _id: { $in: confirmed } } : { _id: { $lte: through } }
        await Promise.all([
          readOnce && confirmed.length === 0 ? undefined : outbox.deleteMany(wanted, OPERATION),
          positions.updateOne({ _id: 'outbox' }, { $max: { acknowledged: through } }, OPERATION),
        ])
        for (const position of confirmed) handed.delete(position)
      }),
    add: (events) =>
      run(async () => {
        const at = clock.now()
        const added = events.map((event) => toOutbox({ ...event, at }))
        await givePositions(db, added)
        for (const event of added) event.fence = leases.fenceOf(event.range)
        await outbox.insertMany(added, { ordered: true, ...OPERATION })
        const held = leases.held()
        if (added.some(({ range }) => held.has(range))) notify()
        return added.at(-1)!._id
      }),
    passed: (position) =>
      run(
        async () =>
          (await outbox.countDocuments(
            { ...REAL_EVENTS, _id: { $lte: position } },
            { limit: 1, ...OPERATION },
          )) === 0,
      ),
    pending: () =>
      run(async () => {
        // Asked first: what is moved meanwhile is then counted twice for a moment, and never not at all.
        const told = mover.waiting()
        const [count, oldest] = await Promise.all([
          outbox.countDocuments(REAL_EVENTS, { limit: MAX_COUNT, ...OPERATION }),
          outbox.findOne(REAL_EVENTS, { sort: { _id: 1 }, projection: { at: 1 }, ...OPERATION }),
        ])
        const times = [oldest?.at, told.oldest_at].filter((at) => at !== null && at !== undefined)
        return {
          count: Math.min(MAX_COUNT, count + told.count),
          oldest_at: times.length === 0 ? null : Math.min(...times),
        }
      }),
    history: () =>
      run(async () => {
        const known = await positions.findOne({ _id: 'outbox' }, OPERATION)
        return { given: known?.given ?? 0, acknowledged: known?.acknowledged ?? 0 }
      }),
    onCommit(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
