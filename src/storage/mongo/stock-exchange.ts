import type { Collection } from 'mongodb'
import type { StockOperation } from '../stock.ts'
import { bulkWrite } from './bulk.ts'
import { OPERATION } from './connection.ts'
import type { MongoEngine } from './engine.ts'
import { STOCK, type StockBounds, type StockDocument, stockId } from './stock-documents.ts'
import { createStockUpdates, type Seen } from './stock-updates.ts'
import { marksOf, type Reading } from './stock-verdicts.ts'

interface Needs {
  engine: MongoEngine
  collection: Collection<StockDocument>
  bounds: StockBounds
}

/** Sends operations in one command, each a conditional update, and reads their documents in a second one. */
export function createExchange({ engine, collection, bounds }: Needs) {
  const updateOf = createStockUpdates(bounds)

  return async function exchange(
    sent: readonly { operation: StockOperation; seen: Seen }[],
  ): Promise<Map<string, Reading>> {
    const writes = sent.map(({ operation, seen }) => ({ updateOne: updateOf(operation, seen) }))
    const operations = sent.map(({ operation }) => operation)
    const ids = [...new Set(operations.map(stockId))]
    try {
      await bulkWrite(collection, writes)
    } catch (error) {
      // What became of them is unknown, so their events are looked for.
      for (const id of ids) engine.told(STOCK, id)
      throw error
    }
    const readings = await collection
      .find({ _id: { $in: ids } }, { ...OPERATION, batchSize: ids.length })
      .project<Reading>(marksOf(operations))
      .toArray()
    for (const { _id, waiting } of readings) if (waiting > 0) engine.told(STOCK, _id)
    return new Map(readings.map((reading) => [reading._id, reading]))
  }
}
