import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { spoilStock } from '../../../test/support/pair.ts'
import { openTestStorage } from '../../../test/support/storage.ts'
import { systemClock } from '../../kernel/clock.ts'
import { isRefusal } from '../../kernel/errors.ts'
import { newId } from '../../kernel/ids.ts'
import { createInventory, onHand } from './inventory.ts'
import { movementsReaction } from './reactions.ts'
import { STOCK_ADJUSTMENTS, STOCK_MOVEMENTS, type StockChangeRequest } from './schema.ts'

const STAFF = newId('usr')

async function openInventory(t: TestContext) {
  const { storage, directory } = await openTestStorage(t, [STOCK_ADJUSTMENTS, STOCK_MOVEMENTS])
  const alerts: object[] = []
  const logger = { error: (details: object) => alerts.push(details) }
  const inventory = createInventory({ storage, nodes: 'one', clock: systemClock, logger })
  const key = { product_id: newId('prd'), sku: 'CUP' }
  const change = (request: StockChangeRequest, operation_id: string = newId('op')) =>
    inventory.change({ ...key, request, operation_id, actor: STAFF })
  const level = async () => (await inventory.levels([key])).get(`${key.product_id}/${key.sku}`)
  /** Sells pieces as an order does. */
  async function sell(quantity: number) {
    const order = { order_id: newId('ord'), lines: [{ ...key, quantity }], actor: 'system' }
    await inventory.reserve(order)
    await inventory.commit(order)
  }
  return { storage, directory, inventory, alerts, key, change, level, sell }
}

test('a count that is repeated after sales in between does not count them away', async (t) => {
  const { change, level, sell } = await openInventory(t)
  await change({ delta: 10 })
  const count = newId('op')
  await change({ set: 8 }, count)
  await sell(3)
  await change({ set: 8 }, count)
  assert.equal(onHand(await level()), 5)
  const { received, adjusted } = (await level())!
  assert.deepEqual([received, adjusted], [10, -2])
})

test('staff hear what is wrong with a change, and nothing of it is applied', async (t) => {
  const { change, level } = await openInventory(t)
  await change({ delta: 4 })
  const refused = async (request: StockChangeRequest, code: string) =>
    assert.rejects(change(request), (error) => isRefusal(error, code))
  await refused({ delta: 1, set: 1 }, 'invalid_body')
  await refused({ reason: 'because' }, 'invalid_body')
  await refused({ delta: -5, low_stock_threshold: 9 }, 'insufficient_stock')
  const { available, low_stock_threshold } = (await level())!
  assert.deepEqual([available, low_stock_threshold], [4, 5])
})

test('a threshold can come with a change or alone', async (t) => {
  const { change, level } = await openInventory(t)
  await change({ delta: 4, low_stock_threshold: 2 })
  assert.equal((await level())!.low_stock_threshold, 2)
  await change({ low_stock_threshold: 0 })
  assert.deepEqual([(await level())!.low_stock_threshold, (await level())!.available], [0, 4])
})

test('stock that comes with a product is applied once by its ref, whoever repeats it', async (t) => {
  const { inventory, key, level, sell } = await openInventory(t)
  const pending = [{ sku: key.sku, set: 7, ref: newId('op') }]
  await Promise.all([1, 2, 3].map(() => inventory.applyPending(key.product_id, pending, STAFF)))
  assert.equal((await level())!.available, 7)
  await sell(2)
  await inventory.applyPending(key.product_id, pending, STAFF)
  assert.equal((await level())!.available, 5)
  const [verdict] = await inventory.applyPending(
    key.product_id,
    [{ sku: key.sku, set: 20, ref: newId('op') }],
    STAFF,
  )
  assert.equal(verdict!.result, 'done')
  assert.equal(onHand(await level()), 20)
})

test('lines of one SKU are summed before they are reserved', async (t) => {
  const { inventory, key, change } = await openInventory(t)
  await change({ delta: 3 })
  const lines = [
    { ...key, quantity: 2 },
    { ...key, quantity: 2 },
  ]
  const verdicts = await inventory.reserve({ order_id: newId('ord'), lines, actor: 'system' })
  assert.deepEqual(verdicts, [{ ...key, quantity: 4, verdict: { result: 'short', available: 3 } }])
})

test('listeners hear of products whose stock moved, and of nothing else', async (t) => {
  const { inventory, key, change } = await openInventory(t)
  const heard: string[] = []
  const stop = inventory.onChange((ids) => heard.push(...ids))
  await change({ delta: 1 })
  const order = { order_id: newId('ord'), lines: [{ ...key, quantity: 5 }], actor: 'system' }
  await inventory.reserve(order)
  stop()
  await change({ delta: 1 })
  assert.deepEqual(heard, [key.product_id])
})

test('books that do not add up are frozen by the audit, which tells it once', async (t) => {
  const { directory, inventory, alerts, key, change } = await openInventory(t)
  await change({ delta: 5 })
  assert.deepEqual(await inventory.audit(), { looked_at: 1, frozen: [] })
  await spoilStock(directory)
  assert.deepEqual(await inventory.audit(), { looked_at: 1, frozen: [key] })
  assert.equal(alerts.length, 1)
  assert.deepEqual((await inventory.audit()).frozen, [])
  await assert.rejects(change({ delta: 1 }), (error) => isRefusal(error, 'stock_frozen'))
})

test('the ledger has every movement once, newest first, with the words of staff', async (t) => {
  const { storage, inventory, key, change, sell } = await openInventory(t)
  await change({ delta: 5, reason: 'first pallet' })
  await sell(2)
  const events = (await storage.outbox.read(0, 100)).map(({ event }) => event)
  const { handle } = movementsReaction({ storage })
  await handle(events, [])
  await handle(events, [])
  const first = await inventory.movements({ product_id: key.product_id, limit: 2 })
  const rest = await inventory.movements({ product_id: key.product_id, limit: 2, after: first.next! })
  assert.deepEqual(
    [...first.items, ...rest.items].map(({ movement, quantity, on_hand, reason, by }) => [
      ...[movement, quantity, on_hand, reason],
      by,
    ]),
    [
      ['commit', -2, 3, undefined, 'system'],
      ['reserve', -2, 5, undefined, 'system'],
      ['adjust', 5, 5, 'first pallet', STAFF],
    ],
  )
  assert.equal(rest.next, null)
  for (const { event } of await storage.outbox.read(0, 100)) {
    assert.ok(!JSON.stringify(event).includes('pallet'), 'no words of a person in an event')
  }
})
