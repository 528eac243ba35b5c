import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock } from '../../src/kernel/clock.ts'
import { newId } from '../../src/kernel/ids.ts'
import { createInventory } from '../../src/shop/inventory/inventory.ts'
import { STOCK_ADJUSTMENTS, STOCK_MOVEMENTS } from '../../src/shop/inventory/schema.ts'
import type { StockChange } from '../../src/storage/stock-event.ts'
import type { Storage } from '../../src/storage/storage.ts'
import { crowd } from '../support/pair.ts'
import { openTestStorage } from '../support/storage.ts'

const BUYER = 'system'

async function openInventory(t: Parameters<typeof openTestStorage>[0]) {
  const { storage } = await openTestStorage(t, [STOCK_ADJUSTMENTS, STOCK_MOVEMENTS])
  return { storage, inventory: createInventory({ storage, nodes: 'one', clock: systemClock }) }
}

/** The events of one SKU, checked to be numbered without a gap. */
async function toldOf(storage: Storage, sku: string): Promise<StockChange[]> {
  const entries = await storage.outbox.read(0, 10_000)
  const events = entries.map(({ event }) => event).filter(({ subject }) => subject.endsWith(`/${sku}`))
  assert.deepEqual(
    events.map(({ sequence }) => sequence),
    events.map((_, index) => index + 1),
  )
  return events.map(({ data }) => data as StockChange)
}

test('of many buyers who race for the last unit exactly one gets it', async (t) => {
  const { storage, inventory } = await openInventory(t)
  const product_id = newId('prd')
  await inventory.applyPending(product_id, [{ sku: 'LAST', set: 1, ref: newId('op') }], BUYER)
  const lines = [{ product_id, sku: 'LAST', quantity: 1 }]
  const answers = await Promise.all(
    Array.from({ length: crowd(1_000) }, () =>
      inventory.reserve({ order_id: newId('ord'), lines, actor: BUYER }),
    ),
  )
  const results = answers.map(([line]) => line!.verdict.result)
  assert.equal(results.filter((result) => result === 'done').length, 1)
  assert.equal(results.filter((result) => result === 'short').length, answers.length - 1)
  const [level] = await storage.stock.getMany(lines)
  assert.deepEqual([level!.available, level!.reserved, level!.sold], [0, 1, 0])
  assert.equal((await toldOf(storage, 'LAST')).length, 2)
})

test('50 units for 500 buyers: those who give up make room, nothing is sold twice', async (t) => {
  const { storage, inventory } = await openInventory(t)
  const product_id = newId('prd')
  await inventory.applyPending(product_id, [{ sku: 'FIFTY', set: 50, ref: newId('op') }], BUYER)
  let bought = 0
  await Promise.all(
    Array.from({ length: 500 }, async (_, buyer) => {
      const order = {
        order_id: newId('ord'),
        lines: [{ product_id, sku: 'FIFTY', quantity: 1 + (buyer % 3) }],
        actor: BUYER,
      }
      const [reserved] = await inventory.reserve(order)
      if (reserved!.verdict.result !== 'done') return
      if (buyer % 2 === 0) {
        // Two drivers end the same order at once.
        await Promise.all([inventory.release(order), inventory.release(order)])
        return
      }
      await Promise.all([inventory.commit(order), inventory.commit(order)])
      bought += order.lines[0]!.quantity
    }),
  )
  const [level] = await storage.stock.getMany([{ product_id, sku: 'FIFTY' }])
  assert.ok(bought > 0)
  assert.deepEqual([level!.sold, level!.reserved, level!.available], [bought, 0, 50 - bought])
  for (const told of await toldOf(storage, 'FIFTY')) {
    assert.equal(told.available + told.reserved + told.sold, 50)
    assert.ok(told.available >= 0 && told.reserved >= 0)
  }
})

test('orders over the same SKUs in any order never wait for each other and never leave a rest', async (t) => {
  const { storage, inventory } = await openInventory(t)
  const product_id = newId('prd')
  const skus = Array.from({ length: 8 }, (_, n) => `S${n}`)
  await inventory.applyPending(
    product_id,
    skus.map((sku) => ({ sku, set: 20, ref: newId('op') })),
    BUYER,
  )
  await Promise.all(
    Array.from({ length: crowd(200) }, async (_, buyer) => {
      const turned = [...skus.slice(buyer % 8), ...skus.slice(0, buyer % 8)]
      const lines = turned.slice(0, 5).map((sku) => ({ product_id, sku, quantity: 1 }))
      const order = { order_id: newId('ord'), lines, actor: BUYER }
      const verdicts = await inventory.reserve(order)
      const complete = verdicts.every(({ verdict }) => verdict.result === 'done')
      await (complete ? inventory.commit(order) : inventory.release(order))
    }),
  )
  const levels = await inventory.ofProducts([product_id])
  assert.ok(levels.every(({ reserved }) => reserved === 0))
  assert.ok(levels.every(({ available, sold }) => available + sold === 20))
  assert.ok(levels.some(({ available }) => available < 5))
  assert.deepEqual(await storage.stock.reservations(null, 10), [])
  assert.deepEqual(await inventory.audit(), { looked_at: 8, frozen: [] })
})
