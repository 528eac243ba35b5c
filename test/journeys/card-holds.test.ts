import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ORDERS } from '../../src/shop/orders/schema.ts'
import type { Body } from '../support/http-client.ts'
import { startShop } from '../support/shop.ts'
import { until } from '../support/until.ts'
import { CARD, cardShop, usd } from './card-world.ts'

const world = cardShop()
const CASH = { ...CARD, payment_method: 'cash_on_delivery' }

/** A customer, and what is on the shelf of a lamp that she may order from her cart. */
async function shopper(stock: number) {
  const fields = { status: 'active', name: 'Lamp', price: usd(2_000), stock }
  const product_id = (await world.staff().post('/products', fields)).body.id
  const ann = await world.shop().registerCustomer()
  const order = async (how: Body) => {
    assert.equal((await ann.post('/cart/items', { product_id, quantity: 3 })).status, 200)
    return ann.post('/orders', how)
  }
  const statusOf = async (placed: Body) => (await ann.get(`/orders/${placed.id}`)).body.status
  return { ann, product_id, order, statusOf }
}

test('who orders the cart anew without having paid takes the place of her own order, also with the last pieces', async () => {
  const { product_id, order, statusOf } = await shopper(3)
  const first = await order(CARD)
  const second = await order(CARD)
  assert.deepEqual([first.status, second.status], [201, 201], second.text)
  assert.deepEqual([await statusOf(first.body), await statusOf(second.body)], ['cancelled', 'pending'])
  const inCash = await order(CASH)
  assert.equal(inCash.status, 201, inCash.text)
  assert.equal(await statusOf(second.body), 'cancelled')
  await until(async () => (await world.stockOf(product_id)).reserved === 0)
  assert.equal((await world.stockOf(product_id)).available, 0)
  const told = await world.toldOf(first.body.id, 'ecommerce-orders')
  assert.deepEqual(told, ['order_created', 'order_cancelled'])
})

test('an order whose payment is under way, or which was not from the cart, keeps its place', async () => {
  const { ann, product_id, order, statusOf } = await shopper(20)
  const asked = (await order(CARD)).body
  assert.equal(
    (await ann.post(`/orders/${asked.id}/payments`, { method: 'tok_requires_action' })).status,
    201,
  )
  const named = (await ann.post('/orders', { ...CARD, items: [{ product_id, quantity: 1 }] })).body
  const refused = (await order(CARD)).body
  assert.equal((await ann.post(`/orders/${refused.id}/payments`, { method: 'tok_declined' })).status, 422)
  const last = (await order(CARD)).body
  const statuses = await Promise.all([asked, named, refused, last].map(statusOf))
  assert.deepEqual(statuses, ['pending', 'pending', 'cancelled', 'pending'])
})

test('an order that is refused takes no place', async () => {
  const { order, statusOf } = await shopper(9)
  const first = (await order(CARD)).body
  const other = await order({ ...CARD, expected_total: usd(1) })
  assert.equal(other.body.code, 'price_changed')
  assert.equal(await statusOf(first), 'pending')
})

test('API6-03 who holds and abandons in a loop is throttled, and the stock comes back by itself', async () => {
  let now = Date.now()
  const environment = { RATE_LIMITS: 'on', ACCESS_TOKEN_TTL: '1d' }
  const shop = await startShop({ clock: { now: () => now }, environment })
  try {
    const root = await shop.asSuper()
    const fields = { status: 'active', name: 'Lamp', price: usd(2_000), stock: 10 }
    const product_id = (await root.post('/products', fields)).body.id
    const ann = await shop.registerCustomer()
    const verdicts: number[] = []
    for (let time = 0; time < 20; time++) {
      const placed = await ann.post('/orders', { ...CARD, items: [{ product_id, quantity: 3 }] })
      verdicts.push(placed.status)
      now += 3 * 60_000
    }
    const held = verdicts.filter((status) => status === 201).length
    assert.ok(held >= 3 && held <= 9, verdicts.join(' '))
    assert.ok(verdicts.filter((status) => status === 429).length >= 11, verdicts.join(' '))
    now += 31 * 60_000
    const orders = shop.application.storage.collection(ORDERS)
    const open = () => orders.list({ index: 'by_status', equal: ['pending'], limit: 10 })
    await until(async () => (await open()).items.length === 0)
    const [level] = (await root.get(`/products/${product_id}/stock`)).body.items
    assert.deepEqual([level.available, level.reserved], [10, 0])
  } finally {
    await shop.stop()
  }
})
