import assert from 'node:assert/strict'
import { it } from 'node:test'
import { importDocuments } from '../../src/storage/mongo/import-writes.ts'
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
