import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { arrival, type Draft, operation, SHIRT, sku } from '../../../test/contracts/stock-operation.ts'
import { startMongoProxy } from '../../../test/servers/mongo-proxy.ts'
import { sharedMongoUrl } from '../../../test/servers/mongodb.ts'
import { whyNot } from '../../../test/servers/possible.ts'
import { openTestMongo, testDatabase } from '../../../test/support/mongo.ts'
import { openTestEngine } from '../../../test/support/mongo-engine.ts'
import { openTestStorage } from '../../../test/support/storage.ts'
import { newId } from '../../kernel/ids.ts'
import type { StockOperation, StockOperations } from '../stock.ts'
import { createStock } from './stock.ts'
import { STOCK, STOCK_BOUNDS, type StockDocument } from './stock-documents.ts'

const BUYERS = 200
const UNITS = 50

describe('stock on a MongoDB server', { skip: whyNot('mongodb') ?? false }, () => {
  it('sells 50 pieces to 200 buyers of four nodes as 50 pieces', async (t) => {
    const url = await testDatabase(t)
    const nodes = await Promise.all([1, 2, 3, 4].map(() => stockOn(t, url)))
    await nodes[0]!.stock.apply([operation(arrival(UNITS))])
    const buyers = Array.from({ length: BUYERS }, (_, n) => reserve(newId('ord'), 1, nodes[n % 4]!.stock))
    const results = await Promise.all(buyers)
    assert.equal(results.filter((result) => result === 'done').length, UNITS)
    assert.equal(results.filter((result) => result === 'short').length, BUYERS - UNITS)
    const { available, reserved, sequence, res, _outbox } = await nodes[0]!.document()
    assert.deepEqual([available, reserved, sequence, res.length], [0, UNITS, UNITS + 1, UNITS])
    assert.deepEqual(
      _outbox!.map(({ event }) => event.sequence),
      Array.from({ length: UNITS + 1 }, (_, n) => n + 1),
    )
  })

  it('does what many do to a SKU at once one after the other', async (t) => {
    const url = await testDatabase(t)
    const nodes = await Promise.all([1, 2, 3].map(() => stockOn(t, url)))
    const made = await Promise.all(
      Array.from({ length: 12 }, (_, n) =>
        nodes[n % 3]!.stock.apply([operation(arrival(1, `delivery ${n}`))]),
      ),
    )
    assert.ok(
      made.every(([verdict]) => verdict!.result === 'done'),
      'however many make the document',
    )
    const orders = Array.from({ length: 20 }, () => newId('ord'))
    const kinds = ['reserve', 'commit', 'release', 'reserve', 'release', 'commit'] as const
    await Promise.all(
      kinds.flatMap((kind, n) =>
        orders.map((order_id) => nodes[n % 3]!.stock.apply([operation({ kind, order_id, quantity: 1 })])),
      ),
    )
    const { received, available, reserved, sold, res, done, sequence, _outbox } = await nodes[0]!.document()
    assert.equal(received, 12)
    assert.equal(available + reserved + sold, 12)
    assert.equal(reserved, res.length)
    assert.equal(new Set(done.map(({ o }) => o)).size, done.length)
    assert.deepEqual(
      _outbox!.map(({ event }) => event.sequence),
      Array.from({ length: sequence }, (_, n) => n + 1),
    )
  })

  it('does once what it was asked for when the answer is lost', async (t) => {
    const proxy = await startMongoProxy(await sharedMongoUrl())
    t.after(proxy.close)
    const url = await testDatabase(t)
    const { stock, document } = await stockOn(t, url)
    await stock.apply([operation(arrival(10))])
    const through = await stockOn(t, at(proxy.url, url))
    const first = operation({ kind: 'reserve', order_id: newId('ord'), quantity: 2 })
    proxy.loseAnswers(first.event_id, 1)
    const [verdict] = await through.stock.apply([first])
    assert.equal(verdict!.result, 'done', 'the driver asks again')
    const second = operation({ kind: 'reserve', order_id: newId('ord'), quantity: 3 })
    proxy.loseAnswers(second.event_id, 2)
    await assert.rejects(through.stock.apply([second]), { code: 'storage_unavailable' })
    assert.equal(proxy.lost(), 3)
    assert.equal((await through.stock.apply([second]))[0]!.result, 'done')
    const again = { ...second, event_id: newId('evt') }
    assert.equal((await through.stock.apply([again]))[0]!.result, 'already')
    const { available, reserved, res, _outbox } = await document()
    assert.deepEqual([available, reserved, res.length, _outbox!.length], [5, 5, 2, 3])
  })

  it('tells the same events as the embedded engine, letter for letter', async (t) => {
    const { storage: mongo } = await openTestMongo(t, [])
    const { storage: sqlite } = await openTestStorage(t, [])
    const order_id = newId('ord')
    const held = { order_id, quantity: 2 }
    const drafts: Draft[] = [
      { kind: 'release', ...held, order_id: newId('ord') },
      { kind: 'adjust', delta: 0, ref: '$r.0', reason: 'initial', book: 'received', create: true },
      arrival(6, 'r.1'),
      { kind: 'threshold', low_stock_threshold: 4, ref: 'r2', create: true },
      { kind: 'reserve', ...held },
      { kind: 'commit', ...held },
      { kind: 'restock', ...held, ref: order_id },
      { kind: 'adjust', delta: -1, ref: 'r3', reason: 'write_off', book: 'adjusted', create: false },
      { kind: 'reserve', order_id: newId('ord'), quantity: 2 },
    ]
    const key = { product_id: newId('prd'), sku: '$sku.a' }
    for (const one of drafts.map((draft) => operation(draft, key))) {
      assert.deepEqual(await mongo.stock.apply([one]), await sqlite.stock.apply([one]))
    }
    const texts = (await sqlite.outbox.read(0, 100)).map(({ json }) => json)
    assert.equal(texts.length, drafts.length - 1)
    assert.deepEqual(
      (await mongo.outbox.read(0, 100)).map(({ json }) => json),
      texts,
    )
  })

  it('keeps its documents small: old tombstones give way, refs and waiting events do not', async (t) => {
    const bounds = { ...STOCK_BOUNDS, tombstones: 3, refs: 2, events: 6 }
    const { stock, document, clear } = await stockOn(t, await testDatabase(t), bounds)
    const shirt = sku({ stock } as never)
    await shirt.apply(arrival(9, 'a'))
    await shirt.apply(arrival(0, 'b'))
    await assert.rejects(shirt.apply(arrival(1, 'c')), { code: 'storage_unavailable' })
    assert.equal((await shirt.apply(arrival(9, 'a'))).result, 'already')
    const orders = [1, 2, 3, 4, 5].map(() => newId('ord'))
    for (const order_id of orders) await shirt.apply({ kind: 'release', order_id, quantity: 1 })
    assert.deepEqual(
      (await document()).done.map(({ o }) => o),
      orders.slice(2),
    )
    for (let n = 0; n < 5; n++) assert.equal(await reserve(newId('ord'), 1, stock), 'done')
    await assert.rejects(reserve(newId('ord'), 1, stock), { code: 'storage_unavailable' })
    const { available, _outbox } = await document()
    assert.deepEqual([available, _outbox!.length], [4, 6])
    const waiting = reserve(newId('ord'), 1, stock)
    await clear()
    assert.equal(await waiting, 'done')
  })

  it('lets no SKU hold up another: not one whose events nobody moves, nor a mistake of its caller', async (t) => {
    const { stock } = await stockOn(t, await testDatabase(t), { ...STOCK_BOUNDS, events: 2 })
    const keys = ['STUCK', 'ODD', 'FREE'].map((name) => ({ product_id: newId('prd'), sku: name }))
    const [stuck, odd, free] = keys as [typeof SHIRT, typeof SHIRT, typeof SHIRT]
    await stock.apply(keys.map((key) => operation(arrival(9), key)))
    const order_id = newId('ord')
    await stock.apply([stuck, odd].map((key) => operation({ kind: 'reserve', order_id, quantity: 1 }, key)))
    const ended: string[] = []
    const ask = (key: typeof SHIRT, quantity: number, id = newId('ord')) =>
      stock
        .apply([operation({ kind: 'reserve', order_id: id, quantity }, key)])
        .then(([verdict]) => verdict!.result)
        .catch((error: { code?: string }) => error.code ?? 'mistake')
        .then((result) => ended.push(`${key.sku} ${result}`))
    await Promise.all([ask(stuck, 1), ask(odd, 2, order_id), ask(free, 1)])
    assert.deepEqual(ended.slice(0, 2).sort(), ['FREE done', 'ODD mistake'])
    assert.deepEqual(ended.slice(2), ['STUCK storage_unavailable'])
  })

  it('leaves nothing of a SKU that only ever had tombstones, once they are forgotten', async (t) => {
    const { stock, collection } = await stockOn(t, await testDatabase(t))
    await stock.apply([operation({ kind: 'release', order_id: newId('ord'), quantity: 1 })])
    assert.equal(await collection.countDocuments(), 1)
    assert.deepEqual([await stock.getMany([SHIRT]), await stock.audit(null, 10)], [[], []])
    assert.equal(await stock.forget(Date.now() + 1, 10), 1)
    assert.equal(await collection.countDocuments(), 0)
  })
})

async function stockOn(t: TestContext, url: string, bounds = STOCK_BOUNDS) {
  const engine = await openTestEngine(t, url)
  const collection = engine.db.collection<StockDocument>(STOCK)
  return {
    stock: createStock(engine, bounds),
    collection,
    document: async () => (await collection.findOne())!,
    /** What the mover of events would do. */
    clear: () => collection.updateMany({}, { $unset: { _outbox: '', _pending: '' } }),
  }
}

async function reserve(order_id: string, quantity: number, stock: StockOperations): Promise<string> {
  const one: StockOperation = operation({ kind: 'reserve', order_id, quantity })
  const [verdict] = await stock.apply([one])
  return verdict!.result
}

/** The database of one URL at the server of another. */
function at(server: string, database: string): string {
  const url = new URL(server)
  url.pathname = new URL(database).pathname
  for (const [name, value] of new URL(database).searchParams) url.searchParams.set(name, value)
  return url.href
}
