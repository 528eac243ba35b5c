import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newId } from '../../src/kernel/ids.ts'
import type { Reservation, StockKey } from '../../src/storage/stock.ts'
import { stockChanged } from '../../src/storage/stock-event.ts'
import { arrival, type OpenStorage, operation, SHIRT, sku } from './stock-operation.ts'

/** What stock tells, how it is read for audits and sweepers, and what it forgets. */
export function stockReadingContract(engine: string, open: OpenStorage, limits: { max_open: number }): void {
  test(`${engine}: every change of a SKU is told once, in order, with the state after it`, async (t) => {
    const shirt = sku(await open(t))
    const held = { order_id: newId('ord'), quantity: 2 }
    await shirt.apply(arrival(6, 'op_1'))
    await shirt.apply({ kind: 'reserve', ...held })
    await shirt.apply({ kind: 'reserve', ...held })
    await shirt.apply({ kind: 'commit', ...held })
    await shirt.apply({ kind: 'release', ...held })
    await shirt.apply({ kind: 'reserve', order_id: newId('ord'), quantity: 99 })
    const told = await shirt.told()
    assert.deepEqual(
      told.map(({ sequence, data }) => [sequence, data.movement, data.quantity]),
      [
        [1, 'adjust', 6],
        [2, 'reserve', -2],
        [3, 'commit', -2],
      ],
    )
    for (const event of told) {
      const { sequence: _given, ...attributes } = event
      const { topic: _named, ...again } = stockChanged.draft({
        id: event.id,
        subject: `stock/${SHIRT.product_id}/${SHIRT.sku}`,
        key: SHIRT.product_id,
        at: Date.parse(event.time),
        actor: 'system',
        data: event.data,
      })
      assert.deepEqual(attributes, again)
    }
    const { product_id, sku: name, movement, quantity, ...state } = told[1]!.data
    assert.deepEqual(state, {
      order_id: held.order_id,
      received: 6,
      adjusted: 0,
      available: 4,
      available_before: 6,
      reserved: 2,
      sold: 0,
      on_hand: 6,
      low_stock_threshold: 5,
      low: true,
      low_before: false,
    })
  })

  test(`${engine}: nothing is told when nothing changed`, async (t) => {
    const shirt = sku(await open(t))
    await shirt.apply(arrival(0))
    await shirt.apply(arrival(0))
    await shirt.apply({ kind: 'release', order_id: newId('ord'), quantity: 1 })
    const told = await shirt.told()
    assert.equal(told.length, 1, 'the document itself is news, a sum of zero is not')
    assert.equal((await shirt.level())!.version, 1)
  })

  test(`${engine}: levels come in the order of the keys and by product, without those that are missing`, async (t) => {
    const storage = await open(t)
    const product_id = newId('prd')
    const keys: StockKey[] = ['B', 'A', 'C'].map((name) => ({ product_id, sku: name }))
    await storage.stock.apply(keys.map((key) => operation(arrival(1), key)))
    const none = { product_id, sku: 'NONE' }
    const levels = await storage.stock.getMany([keys[2]!, none, keys[0]!])
    assert.deepEqual(
      levels.map((level) => level.sku),
      ['C', 'B'],
    )
    const all = await storage.stock.ofProducts([newId('prd'), product_id])
    assert.deepEqual(
      all.map((level) => level.sku),
      ['A', 'B', 'C'],
    )
  })

  test(`${engine}: open reservations and audited documents are read in pages, each once`, async (t) => {
    const storage = await open(t)
    const keys: StockKey[] = [1, 2, 3].map((n) => ({ product_id: newId('prd'), sku: `S${n}` }))
    const orders = [1, 2, 3, 4].map(() => newId('ord'))
    await storage.stock.apply([
      ...keys.map((key) => operation(arrival(100), key)),
      ...keys.flatMap((key) =>
        orders.map((order_id) => operation({ kind: 'reserve', order_id, quantity: 2 }, key)),
      ),
    ])
    const seen: string[] = []
    let after: Reservation | null = null
    do {
      const page: Reservation[] = await storage.stock.reservations(after, 5)
      seen.push(...page.map(({ sku, order_id }) => `${sku} ${order_id}`))
      after = page.at(-1) ?? null
    } while (after)
    assert.deepEqual(
      seen,
      keys.flatMap((key) => orders.map((order_id) => `${key.sku} ${order_id}`)),
    )
    const first = await storage.stock.audit(null, 2)
    const rest = await storage.stock.audit(first.at(-1)!, 2)
    assert.deepEqual(
      [...first, ...rest].map(({ sku, reserved, reserved_sum }) => [sku, reserved, reserved_sum]),
      keys.map((key) => [key.sku, 8, 8]),
    )
  })

  test(`${engine}: tombstones and refs are forgotten by their age alone`, async (t) => {
    const storage = await open(t)
    const shirt = sku(storage)
    const now = Date.now()
    await shirt.apply({ ...arrival(5, 'old'), at: now - 2_000 })
    await shirt.apply({ ...arrival(5, 'new'), at: now })
    const [old, late] = [newId('ord'), newId('ord')]
    await shirt.apply({ kind: 'release', order_id: old, quantity: 1, at: now - 2_000 })
    await shirt.apply({ kind: 'release', order_id: late, quantity: 1, at: now })
    assert.equal(await storage.stock.forget(now - 1_000, 1), 1)
    assert.equal(await storage.stock.forget(now - 1_000, 100), 1)
    assert.equal(await storage.stock.forget(now - 1_000, 100), 0)
    assert.equal((await shirt.apply({ kind: 'reserve', order_id: old, quantity: 1 })).result, 'done')
    assert.equal((await shirt.apply({ kind: 'reserve', order_id: late, quantity: 1 })).result, 'settled')
    assert.equal((await shirt.apply(arrival(5, 'new'))).result, 'already')
  })

  test(`${engine}: open reservations of one SKU have a limit, and room again after a release`, async (t) => {
    const storage = await open(t)
    const shirt = sku(storage)
    await shirt.apply(arrival(limits.max_open * 2))
    const orders = Array.from({ length: limits.max_open }, () => newId('ord'))
    const reserve = (order_id: string) => operation({ kind: 'reserve', order_id, quantity: 1 })
    for (let from = 0; from < orders.length; from += 1_000) {
      const verdicts = await storage.stock.apply(orders.slice(from, from + 1_000).map(reserve))
      assert.ok(verdicts.every(({ result }) => result === 'done'))
    }
    const one_more = { kind: 'reserve', order_id: newId('ord'), quantity: 1 } as const
    assert.deepEqual(await shirt.apply(one_more), { result: 'full' })
    assert.equal((await shirt.apply({ ...one_more, order_id: orders[0]! })).result, 'already')
    await shirt.apply({ kind: 'commit', order_id: orders[1]!, quantity: 1 })
    assert.equal((await shirt.apply(one_more)).result, 'done')
  })
}
