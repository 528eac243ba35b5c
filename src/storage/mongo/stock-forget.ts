import type { Collection, UpdateOneModel } from 'mongodb'
import { bulkWrite } from './bulk.ts'
import { OPERATION } from './connection.ts'
import type { MongoEngine } from './engine.ts'
import { fieldOr, without } from './expressions.ts'
import { NO_VERSION, type StockDocument } from './stock-documents.ts'

/** Documents of one write. */
const AT_ONCE = 100

/** Forgets at most `limit` tombstones and refs older than `before`; says how many. */
export function createForget(engine: MongoEngine, collection: Collection<StockDocument>) {
  return async function forget(before: number, limit: number): Promise<number> {
    let forgotten = 0
    while (forgotten < limit) {
      const room = limit - forgotten
      const found = await engine.run(() => oldMarks(collection, before, room))
      if (found.length === 0) break
      const updates: UpdateOneModel<StockDocument>[] = []
      for (const { _id, done, refs } of found) {
        const orders = done.slice(0, limit - forgotten)
        forgotten += orders.length
        const refsToo = refs.slice(0, limit - forgotten)
        forgotten += refsToo.length
        updates.push({ filter: { _id }, update: forgetting(orders, refsToo) })
        if (forgotten === limit) break
      }
      await engine.run(() =>
        bulkWrite(
          collection,
          updates.map((updateOne) => ({ updateOne })),
        ),
      )
      const ids = found.map(({ _id }) => _id)
      await engine.run(() =>
        collection.deleteMany(
          { _id: { $in: ids }, version: NO_VERSION, oldest: { $exists: false } },
          OPERATION,
        ),
      )
    }
    return forgotten
  }
}

interface OldMarks {
  _id: string
  done: string[]
  refs: string[]
}

function oldMarks(collection: Collection<StockDocument>, before: number, limit: number): Promise<OldMarks[]> {
  const old = (field: string, name: string) => ({
    $map: {
      input: {
        $slice: [{ $filter: { input: fieldOr(field, []), cond: { $lt: ['$$this.at', before] } } }, limit],
      },
      in: `$$this.${name}`,
    },
  })
  return collection
    .find({ oldest: { $lt: before } }, { ...OPERATION, sort: { oldest: 1 }, limit: AT_ONCE })
    .project<OldMarks>({ done: old('done', 'o'), refs: old('refs', 'ref') })
    .toArray()
}

function forgetting(orders: string[], refs: string[]) {
  const marks = { $concatArrays: [fieldOr('done', []), fieldOr('refs', [])] }
  const oldest = { $min: { $map: { input: marks, in: '$$this.at' } } }
  return [
    { $set: { done: without('done', 'o', orders), refs: without('refs', 'ref', refs) } },
    { $set: { oldest: { $ifNull: [oldest, '$$REMOVE'] } } },
  ]
}
