import assert from 'node:assert/strict'
import { it } from 'node:test'
import { boundedStock, fromStockDocument, toStockDocument } from '../../src/storage/mongo/import-stock.ts'
import { importDocuments } from '../../src/storage/mongo/import-writes.ts'
import { STOCK_BOUNDS } from '../../src/storage/mongo/stock-documents.ts'
import { whyNot } from '../servers/possible.ts'
import { testDatabase, withDatabase } from '../support/mongo.ts'

const skip = whyNot('mongodb') ?? false

it('a page that came twice is there once, and a key of another document is a fault', { skip }, async (t) => {
  const url = await testDatabase(t)
  await withDatabase(url, async (db) => {
    const shelf = db.collection<{ _id: string; sku: string }>('shelf')
    await shelf.createIndex({ sku: 1 }, { name: 'sku', unique: true })
    const page = Array.from({ length: 1_200 }, (_, n) => ({ _id: `p${n}`, sku: `SKU-${n}` }))
    // As a command that was sent again by the driver, or half of one that a crash left.
    await shelf.insertMany(page.slice(300, 700))
    await importDocuments(shelf, page, { doubtful: false })
    await importDocuments(shelf, page, { doubtful: true })
    assert.equal(await shelf.countDocuments(), page.length)
    assert.deepEqual(await shelf.findOne({ _id: 'p1199' }), page.at(-1))

    const taken = [{ _id: 'other', sku: 'SKU-7' }]
    for (const doubtful of [false, true])
      await assert.rejects(importDocuments(shelf, taken, { doubtful }), /keys are there already/)
  })
})

it('the stock of a SKU that sold much fits its document, with the newest of what it remembers', () => {
  const much = STOCK_BOUNDS.tombstones + 500
  const stock = {
    product_id: 'prd_1',
    sku: 'HOT',
    level: null,
    sequence: much,
    reserved: [],
    // Not in order of time: as they lie in the old file.
    settled: Array.from({ length: much }, (_, n) => ({ order_id: `ord_${n}`, at: (n * 7_919) % much })),
    refs: [],
  }
  const bounded = boundedStock(stock)
  assert.equal(bounded.settled.length, STOCK_BOUNDS.tombstones)
  assert.equal(Math.min(...bounded.settled.map(({ at }) => at)), 500)
  assert.deepEqual(fromStockDocument(toStockDocument(bounded)), bounded)

  const refs = Array.from({ length: STOCK_BOUNDS.refs + 1 }, (_, n) => ({ ref: `r${n}`, at: n }))
  assert.throws(
    () => boundedStock({ ...stock, refs }),
    new RegExp(`prd_1/HOT remembers ${STOCK_BOUNDS.refs + 1} adjustments`),
  )
})
