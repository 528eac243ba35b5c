import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { PaymentProvider } from '../../src/payments/provider.ts'
import { ORDERS, type Order } from '../../src/shop/orders/schema.ts'
import { createUpkeep } from '../../src/shop/orders/upkeep.ts'
import type { Reservation } from '../../src/storage/stock.ts'
import type { Storage } from '../../src/storage/storage.ts'
import { newSku, newUser, ORDER, openStorage, PRODUCT, receive, startShop } from './orders-world.ts'

let storage: Storage
before(async () => {
  storage = await openStorage()
})
after(() => storage.close())

/** A sweep that sees `page`, whatever has become of it since it was read. */
function sweepOf(page: Reservation[], { now, released }: { now: number; released: Reservation[] }) {
  const driver = { advance: async (order: Order) => order, mark: () => assert.fail('nothing is driven here') }
  return createUpkeep({
    orders: storage.collection(ORDERS),
    inventory: {
      eachReservation: (handle) => handle(page),
      release: async ({ order_id, lines: [line] }) => {
        released.push({ order_id, ...line!, at: 0 })
        return []
      },
    },
    driver,
    nodes: 'one',
    clock: { now: () => now },
    logger: { debug() {}, info() {}, warn() {}, error() {} },
  })
}

test('the sweep of reservations leaves alone what its order settled after it was read', async () => {
  const sku = newSku()
  await receive(storage, sku, 1)
  const shop = startShop(storage, 'run_now')
  const before_ms = Date.now()
  const { order } = await shop.orders.place({
    user: newUser(),
    request: { ...ORDER, items: [{ product_id: PRODUCT, sku, quantity: 1 }] },
  })
  await shop.orders.idle()
  const page = [{ product_id: PRODUCT, sku, order_id: order!.id, quantity: 1, at: before_ms }]
  const released: Reservation[] = []
  assert.equal(await sweepOf(page, { now: before_ms, released }).sweepReservations(), 0)
  assert.deepEqual(released, [])
  // Of an order that has long been at rest nothing may be left.
  assert.equal(await sweepOf(page, { now: Date.now() + 60_000, released }).sweepReservations(), 1)
  assert.deepEqual(released, [{ ...page[0], at: 0 }])
})

test('the sweep leaves alone what is held for a customer who has not paid yet', async () => {
  const sku = newSku()
  await receive(storage, sku, 1)
  // Nobody is charged here: the order waits.
  const provider = { name: 'test' } as PaymentProvider
  const shop = startShop(storage, 'run_now', { provider })
  const { order } = await shop.orders.place({
    user: newUser(),
    request: { ...ORDER, payment_method: 'card', items: [{ product_id: PRODUCT, sku, quantity: 1 }] },
  })
  const page = [{ product_id: PRODUCT, sku, order_id: order!.id, quantity: 1, at: 0 }]
  const released: Reservation[] = []
  assert.equal(await sweepOf(page, { now: Date.now() + 60_000, released }).sweepReservations(), 0)
  assert.deepEqual(released, [])
})
