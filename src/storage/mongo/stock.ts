import type { Collection } from 'mongodb'
import { compareBytes } from '../byte-order.ts'
import type { Reservation, StockKey, StockLevel, StockOperations } from '../stock.ts'
import { OPERATION } from './connection.ts'
import type { MongoEngine } from './engine.ts'
import { createStockApplier } from './stock-apply.ts'
import {
  LEVEL_PROJECTION,
  REAL,
  STOCK,
  STOCK_BOUNDS,
  type StockDocument,
  stockId,
  toLevel,
} from './stock-documents.ts'
import { createExchange } from './stock-exchange.ts'
import { createForget } from './stock-forget.ts'
import { createJudge } from './stock-verdicts.ts'

/** Documents that one answer of the server brings: each may hold many reservations. */
const DOCUMENTS_OF_ONE_ANSWER = 16

/**
 * The stock operations: one document for each SKU that holds its open reservations, tombstones and refs, and every
 * operation one conditional update of it that computes balances and event on the server.
 */
export function createStock(engine: MongoEngine, bounds = STOCK_BOUNDS): StockOperations {
  const collection = engine.db.collection<StockDocument>(STOCK)
  const { run } = engine
  const exchange = createExchange({ engine, collection, bounds })
  const apply = createStockApplier({ exchange, judge: createJudge(bounds) })
  return {
    apply: (operations) => run(() => apply(operations)),
    forget: createForget(engine, collection),
    async getMany(keys) {
      if (keys.length === 0) return []
      const found = await run(() =>
        collection
          .find({ _id: { $in: keys.map(stockId) }, ...REAL }, { ...OPERATION, batchSize: keys.length })
          .project<StockLevel>(LEVEL_PROJECTION)
          .toArray(),
      )
      const levels = new Map(found.map((level) => [stockId(level), toLevel(level)]))
      return keys.flatMap((key) => levels.get(stockId(key)) ?? [])
    },
    async ofProducts(productIds) {
      if (productIds.length === 0) return []
      const found = await run(() =>
        collection
          .find({ product_id: { $in: [...productIds] }, ...REAL }, OPERATION)
          .project<StockLevel>(LEVEL_PROJECTION)
          .toArray(),
      )
      return found.map(toLevel).sort((a, b) => compareBytes(stockId(a), stockId(b)))
    },
    reservations: (after, limit) => run(() => openReservations(collection, after, limit)),
    audit: (after, limit) =>
      run(async () => {
        const rows = await collection
          .find(
            { ...(after && { _id: { $gt: stockId(after) } }), ...REAL },
            { ...OPERATION, sort: { _id: 1 }, limit, batchSize: limit },
          )
          .project<StockLevel & { reserved_sum: number }>({
            ...LEVEL_PROJECTION,
            reserved_sum: { $sum: { $map: { input: '$res', in: '$$this.q' } } },
          })
          .toArray()
        return rows.map((row) => ({ ...toLevel(row), reserved_sum: row.reserved_sum }))
      }),
    freeze: (key) =>
      run(async () => {
        await collection.updateOne(
          { _id: stockId(key), frozen: false, ...REAL },
          { $set: { frozen: true }, $inc: { version: 1 } },
          OPERATION,
        )
      }),
  }
}

async function openReservations(
  collection: Collection<StockDocument>,
  after: (StockKey & { order_id: string }) | null,
  limit: number,
): Promise<Reservation[]> {
  const page: Reservation[] = []
  const documents = collection
    .find(
      { open: { $gt: 0 }, ...(after && { product_id: { $gte: after.product_id } }) },
      { ...OPERATION, hint: 'by_open', sort: { product_id: 1, sku: 1 }, batchSize: DOCUMENTS_OF_ONE_ANSWER },
    )
    .project<Pick<StockDocument, 'product_id' | 'sku' | 'res'>>({ _id: 0, product_id: 1, sku: 1, res: 1 })
  // Leaving the loop closes the cursor on the server too.
  for await (const { product_id, sku, res } of documents) {
    const place = after ? compareBytes(stockId({ product_id, sku }), stockId(after)) : 1
    if (place < 0) continue
    const orders = res.map(({ o, q, at }) => ({ product_id, sku, order_id: o, quantity: q, at }))
    const open = orders.sort((a, b) => compareBytes(a.order_id, b.order_id))
    page.push(
      ...(place === 0 ? open.filter(({ order_id }) => compareBytes(order_id, after!.order_id) > 0) : open),
    )
    if (page.length >= limit) break
  }
  return page.slice(0, limit)
}
