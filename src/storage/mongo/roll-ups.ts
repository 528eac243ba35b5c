import type { AnyBulkWriteOperation } from 'mongodb'
import { PRODUCT_STATS, type ProductStats } from '../listing.ts'
import { fenceText, type GroupPosition, type RollUps, type RollUpWrite } from '../roll-ups.ts'
import { bulkWrite } from './bulk.ts'
import { OPERATION } from './connection.ts'
import type { MongoEngine } from './engine.ts'
import { unavailable } from './errors.ts'
import { createFigures } from './figures.ts'
import { findByIds } from './find-by-ids.ts'
import {
  GROUP_POSITIONS,
  idRange,
  type PositionDocument,
  ROLL_UPS,
  type RollUpDocument,
  rollUpId,
  toRollUp,
} from './roll-up-documents.ts'

const MAX_RANGE = 1_000
/** Documents that one command forgets, so that it ends in time. */
const DROPPED_AT_ONCE = 500
/** Two nodes that make one position at the same time: the loser repeats. */
const MAX_ATTEMPTS = 5

/** Results of consumers: the documents of a write first, each by compare-and-set on its fence, the positions last. */
export function createRollUps(engine: MongoEngine): RollUps {
  const { run, db } = engine
  const documents = db.collection<RollUpDocument>(ROLL_UPS)
  const positions = db.collection<PositionDocument>(GROUP_POSITIONS)
  const figures = createFigures(engine)

  async function range(name: string, bounds: { from?: string; before?: string }, limit: number) {
    const found = await documents
      .find({ _id: idRange(name, bounds) }, { ...OPERATION, sort: { _id: 1 }, limit, batchSize: limit })
      .toArray()
    return found.map((document) => toRollUp(name, document))
  }

  async function writeDocuments(name: string, writes: readonly RollUpWrite[]): Promise<boolean> {
    const compareAndSet = writes.map((write) => writeOf(name, write))
    if (name !== PRODUCT_STATS) return (await bulkWrite(documents, compareAndSet)) === writes.length
    // Figures first: what a crash leaves ahead is written again with its batch, what it left behind would stay behind.
    const shown = await figures.follow(writes as readonly RollUpWrite<ProductStats>[])
    const written = await bulkWrite(documents, compareAndSet)
    if (!shown) await figures.bring(writes.map(({ id }) => id))
    return written === writes.length
  }

  async function raise(raised: readonly GroupPosition[]): Promise<void> {
    const upserts = raised.map(raiseOf)
    for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
      if ((await bulkWrite(positions, upserts)) === upserts.length) return
    }
    throw unavailable('The positions of a group are written by too many at once.')
  }

  return {
    read: (name, ids) =>
      run(async () => {
        if (ids.length === 0) return []
        const found = await findByIds(
          documents,
          ids.map((id) => rollUpId(name, id)),
        )
        const byId = new Map(found.map((document) => [document._id, toRollUp(name, document)]))
        return ids.flatMap((id) => byId.get(rollUpId(name, id)) ?? [])
      }),
    async range(name, { limit, ...bounds }) {
      if (!(limit >= 1 && limit <= MAX_RANGE))
        throw new Error(`a page holds 1 to ${MAX_RANGE} roll-ups, not ${limit}`)
      return run(() => range(name, bounds, limit))
    },
    write: (name, writes, groupPositions) =>
      run(async () => {
        if (writes.length > 0 && !(await writeDocuments(name, writes))) return false
        if (groupPositions.length > 0) await raise(groupPositions)
        return true
      }),
    positions: (group) =>
      run(async () => {
        const order = { topic: 1, partition: 1 } as const
        const found = await positions.find({ _id: idRange(group) }, { ...OPERATION, sort: order }).toArray()
        return found.map(({ topic, partition, offset }) => ({ group, topic, partition, offset }))
      }),
    drop: (name) =>
      run(async () => {
        // Positions go first: a fence makes a document that is still there skip what it has counted.
        await positions.deleteMany({ _id: idRange(name) }, OPERATION)
        for (;;) {
          const page = await documents
            .find({ _id: idRange(name) }, { projection: { _id: 1 }, limit: DROPPED_AT_ONCE, ...OPERATION })
            .toArray()
          if (page.length === 0) return
          await documents.deleteMany({ _id: { $in: page.map(({ _id }) => _id) } }, OPERATION)
        }
      }),
  }
}

/** Matches nothing, or meets its own id, when the fence has moved. */
function writeOf(
  name: string,
  { id, expected, fence, body }: RollUpWrite,
): AnyBulkWriteOperation<RollUpDocument> {
  const _id = rollUpId(name, id)
  const next = { fence: fenceText(fence), body: JSON.stringify(body) }
  return expected === null
    ? { insertOne: { document: { _id, ...next } } }
    : { updateOne: { filter: { _id, fence: fenceText(expected) }, update: { $set: next } } }
}

/** Raises a position, which is never lowered: a late consumer may write after one that has gone on. */
function raiseOf({
  group,
  topic,
  partition,
  offset,
}: GroupPosition): AnyBulkWriteOperation<PositionDocument> {
  const _id = `${group}/${topic}/${partition}`
  const update = { $max: { offset }, $setOnInsert: { group, topic, partition } }
  return { updateOne: { filter: { _id }, update, upsert: true } }
}
