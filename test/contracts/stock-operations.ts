import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newId } from '../../src/kernel/ids.ts'
import { arrival, type OpenStorage, operation, sku } from './stock-operation.ts'

/** What each stock operation does, and that it does it once. */
export function stockOperationsContract(engine: string, open: OpenStorage): void {
  const order = (): string => newId('ord')

  test(`${engine}: a reservation takes available pieces once, however often it is repeated`, async (t) => {
    const shirt = sku(await open(t))
    await shirt.apply(arrival(10))
    const reserve = { kind: 'reserve', order_id: order(), quantity: 3 } as const
    assert.equal((await shirt.apply(reserve)).result, 'done')
    assert.equal((await shirt.apply(reserve)).result, 'already')
    assert.deepEqual(await shirt.balances(), {
      received: 10,
      adjusted: 0,
      available: 7,
      reserved: 3,
      sold: 0,
    })
  })

  test(`${engine}: what is short says what is left, and a missing SKU has nothing`, async (t) => {
    const storage = await open(t)
    const shirt = sku(storage)
    const missing = sku(storage, { product_id: newId('prd'), sku: 'NONE' })
    await shirt.apply(arrival(2))
    const reserve = { kind: 'reserve', order_id: order(), quantity: 3 } as const
    assert.deepEqual(await shirt.apply(reserve), { result: 'short', available: 2 })
    assert.deepEqual(await missing.apply(reserve), { result: 'short', available: 0 })
    assert.equal((await shirt.balances())!.reserved, 0)
    assert.equal(await missing.level(), undefined)
  })

  test(`${engine}: a release gives pieces back once and refuses a reserve that comes late`, async (t) => {
    const shirt = sku(await open(t))
    await shirt.apply(arrival(5))
    const held = { order_id: order(), quantity: 2 }
    await shirt.apply({ kind: 'reserve', ...held })
    assert.equal((await shirt.apply({ kind: 'release', ...held })).result, 'done')
    assert.equal((await shirt.apply({ kind: 'release', ...held })).result, 'already')
    assert.deepEqual(await shirt.apply({ kind: 'reserve', ...held }), { result: 'settled' })
    assert.deepEqual(await shirt.balances(), { received: 5, adjusted: 0, available: 5, reserved: 0, sold: 0 })
  })

  test(`${engine}: a release that finds nothing still stops a reserve on its way`, async (t) => {
    const storage = await open(t)
    for (const key of [undefined, { product_id: newId('prd'), sku: 'LATER' }]) {
      const item = sku(storage, key)
      const exists = key === undefined
      if (exists) await item.apply(arrival(5))
      const never = { order_id: order(), quantity: 2 }
      assert.equal((await item.apply({ kind: 'release', ...never })).result, exists ? 'already' : 'missing')
      if (!exists) await item.apply(arrival(5))
      assert.deepEqual(await item.apply({ kind: 'reserve', ...never }), { result: 'settled' })
    }
  })

  test(`${engine}: a commit sells what was reserved, and a release afterwards changes nothing`, async (t) => {
    const shirt = sku(await open(t))
    await shirt.apply(arrival(5))
    const held = { order_id: order(), quantity: 2 }
    await shirt.apply({ kind: 'reserve', ...held })
    assert.equal((await shirt.apply({ kind: 'commit', ...held })).result, 'done')
    assert.equal((await shirt.apply({ kind: 'commit', ...held })).result, 'already')
    assert.equal((await shirt.apply({ kind: 'release', ...held })).result, 'already')
    assert.deepEqual(await shirt.apply({ kind: 'reserve', ...held }), { result: 'settled' })
    assert.deepEqual(await shirt.balances(), { received: 5, adjusted: 0, available: 3, reserved: 0, sold: 2 })
  })

  test(`${engine}: a restock counts once by its ref and never more than was sold`, async (t) => {
    const shirt = sku(await open(t))
    await shirt.apply(arrival(5))
    const held = { order_id: order(), quantity: 2 }
    await shirt.apply({ kind: 'reserve', ...held })
    await shirt.apply({ kind: 'commit', ...held })
    const restock = { kind: 'restock', ...held, ref: held.order_id } as const
    assert.equal((await shirt.apply(restock)).result, 'done')
    assert.equal((await shirt.apply(restock)).result, 'already')
    assert.deepEqual(await shirt.apply({ ...restock, ref: 'another' }), { result: 'short', available: 0 })
    assert.deepEqual(await shirt.balances(), { received: 5, adjusted: 0, available: 5, reserved: 0, sold: 0 })
  })

  test(`${engine}: an adjustment counts once by its ref, in its book, and never below nothing`, async (t) => {
    const shirt = sku(await open(t))
    const loss = { kind: 'adjust', reason: 'write_off', book: 'adjusted', create: false } as const
    assert.deepEqual(await shirt.apply({ ...loss, delta: -1, ref: 'a' }), { result: 'missing' })
    assert.deepEqual(await shirt.apply(arrival(-1)), { result: 'short', available: 0 })
    assert.equal(await shirt.level(), undefined)
    await shirt.apply(arrival(5, 'first'))
    assert.equal((await shirt.apply(arrival(5, 'first'))).result, 'already')
    assert.equal((await shirt.apply({ ...loss, delta: -2, ref: 'b' })).result, 'done')
    assert.deepEqual(await shirt.apply({ ...loss, delta: -4, ref: 'c' }), { result: 'short', available: 3 })
    assert.deepEqual(await shirt.balances(), {
      received: 5,
      adjusted: -2,
      available: 3,
      reserved: 0,
      sold: 0,
    })
  })

  test(`${engine}: a threshold is set once by its ref and moves no pieces`, async (t) => {
    const shirt = sku(await open(t))
    const threshold = { kind: 'threshold', ref: 'x', create: true } as const
    assert.equal((await shirt.apply({ ...threshold, low_stock_threshold: 9 })).result, 'done')
    assert.equal((await shirt.apply({ ...threshold, low_stock_threshold: 3 })).result, 'already')
    const level = await shirt.level()
    assert.equal(level!.low_stock_threshold, 9)
    assert.equal(level!.available, 0)
  })

  test(`${engine}: of a batch each operation is judged alone and sees those before it`, async (t) => {
    const storage = await open(t)
    const other = { product_id: newId('prd'), sku: 'HAT' }
    const [first, second] = [order(), order()]
    const verdicts = await storage.stock.apply([
      operation(arrival(3)),
      operation({ kind: 'reserve', order_id: first, quantity: 2 }),
      operation({ kind: 'reserve', order_id: second, quantity: 2 }),
      operation({ kind: 'reserve', order_id: second, quantity: 1 }, other),
      operation({ kind: 'release', order_id: first, quantity: 2 }),
      operation({ kind: 'reserve', order_id: second, quantity: 2 }),
    ])
    const results = verdicts.map(({ result }) => result)
    assert.deepEqual(results, ['done', 'done', 'short', 'short', 'done', 'done'])
  })

  test(`${engine}: a frozen SKU takes no operation and keeps its balances`, async (t) => {
    const storage = await open(t)
    const shirt = sku(storage)
    await shirt.apply(arrival(5))
    const held = { order_id: order(), quantity: 1 }
    await shirt.apply({ kind: 'reserve', ...held })
    const before = await shirt.balances()
    await storage.stock.freeze(shirt.key)
    await storage.stock.freeze(shirt.key)
    for (const kind of ['reserve', 'release', 'commit'] as const) {
      assert.deepEqual(await shirt.apply({ kind, ...held }), { result: 'frozen' })
    }
    assert.deepEqual(await shirt.apply({ kind: 'restock', ...held, ref: 'r' }), { result: 'frozen' })
    assert.deepEqual(await shirt.apply(arrival(1)), { result: 'frozen' })
    assert.deepEqual(await shirt.balances(), before)
    assert.equal((await shirt.level())!.frozen, true)
  })
}
