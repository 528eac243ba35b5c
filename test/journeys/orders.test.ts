import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { MAX_ORDER_LINES } from '../../src/shop/orders/schema.ts'
import type { Body } from '../support/http-client.ts'
import { crowd } from '../support/pair.ts'
import { type RunningShop, type SignedInClient, startShop } from '../support/shop.ts'
import { until } from '../support/until.ts'

const ADDRESS = { name: 'Ann', line1: 'High Street 1', city: 'Leeds', postal_code: 'LS1', country: 'GB' }
const CASH = { shipping_address: ADDRESS, payment_method: 'cash_on_delivery' }
const usd = (amount: number) => ({ amount, currency: 'USD' })

let shop: RunningShop
let staff: SignedInClient
before(async () => {
  shop = await startShop()
  staff = await shop.asStaff()
})
after(() => shop.stop())

async function product(fields: object): Promise<string> {
  const { status, body } = await staff.post('/products', {
    status: 'active',
    name: 'Lamp',
    price: usd(2_000),
    ...fields,
  })
  assert.equal(status, 201)
  return body.id
}

async function stockOf(product_id: string) {
  const { body } = await staff.get(`/products/${product_id}/stock`)
  const { available, reserved, on_hand } = body.items[0]
  return { available, reserved, on_hand }
}

/** Sold pieces leave the books a moment after the answer. */
async function settled(product_id: string, available: number): Promise<void> {
  const expected = { available, reserved: 0, on_hand: available }
  await until(async () => JSON.stringify(await stockOf(product_id)) === JSON.stringify(expected))
}

test('a customer orders the cart; it is confirmed, emptied, sold and told', async () => {
  const lamp = await product({ stock: 5 })
  const ann = await shop.registerCustomer()
  const { body: cart } = await ann.post('/cart/items', { product_id: lamp, quantity: 2 })
  const request = {
    ...CASH,
    note: 'Ring twice',
    expected_total: cart.subtotal,
    session_id: 's-1',
    anonymous_id: 'a-1',
  }
  const placed = await ann.post('/orders', request, { 'idempotency-key': 'first' })
  assert.equal(placed.status, 201)
  const order: Body = placed.body
  assert.match(order.number, /^[0-9A-HJKMNP-TV-Z]{8}$/)
  assert.equal(placed.headers.get('location'), `/orders/${order.id}`)
  assert.deepEqual([order.status, order.payment_status, order.note], ['confirmed', 'unpaid', 'Ring twice'])
  assert.deepEqual(order.items[0].line_total, usd(4_000))
  assert.deepEqual(
    [order.subtotal, order.shipping, order.tax, order.discount, order.total],
    [usd(4_000), usd(0), usd(0), usd(0), usd(4_000)],
  )
  assert.deepEqual(
    order.history.map(({ from, to }: Body) => [from, to]),
    [
      [null, 'pending'],
      ['pending', 'confirmed'],
    ],
  )
  assert.deepEqual(order.allowed_transitions, ['processing', 'cancelled'])
  assert.deepEqual((await ann.get('/cart')).body.items, [])
  await settled(lamp, 3)

  await shop.caughtUp()
  const { body: stats } = await staff.get('/admin/stats')
  assert.ok(stats.orders.by_status.confirmed >= 1)
  const again = await ann.post('/orders', request, { 'idempotency-key': 'first' })
  assert.equal(again.status, 201)
  assert.equal(again.headers.get('idempotent-replayed'), 'true')
  assert.equal(again.text, placed.text)
})

test('an order goes its way by staff, and the customer sees it without the notes', async () => {
  const lamp = await product({ stock: 5 })
  const ann = await shop.registerCustomer()
  const placed = await ann.post(
    '/orders',
    { ...CASH, items: [{ product_id: lamp, quantity: 1 }] },
    { 'idempotency-key': 'k' },
  )
  const path = `/orders/${placed.body.id}`
  const skipped = await staff.put(path, { status: 'delivered' })
  assert.deepEqual([skipped.status, skipped.body.code], [409, 'transition_not_allowed'])
  assert.deepEqual(skipped.body.allowed_transitions, ['processing', 'cancelled'])
  assert.equal((await staff.put(path, { status: 'processing', note: 'fragile' })).status, 200)
  const tracking = { carrier: 'Post', number: 'P-1', url: 'https://post.example/P-1' }
  const shipped = await staff.put(path, { status: 'shipped', tracking })
  assert.deepEqual([shipped.body.status, shipped.body.tracking], ['shipped', tracking])
  const late = await ann.post(`${path}/cancel`, {})
  assert.deepEqual([late.status, late.body.allowed_transitions], [409, ['delivered']])
  const stale = await staff.put(path, { status: 'delivered' }, { 'if-match': placed.headers.get('etag')! })
  assert.equal(stale.status, 412)
  const current = await staff.get(path)
  const delivered = await staff.put(
    path,
    { status: 'delivered' },
    { 'if-match': current.headers.get('etag')! },
  )
  assert.equal(delivered.body.status, 'delivered')
  assert.equal((await staff.put(path, { status: 'returned' })).body.status, 'returned')

  const seen = await ann.get(path)
  assert.deepEqual(
    seen.body.history.map(({ to }: Body) => to),
    ['pending', 'confirmed', 'processing', 'shipped', 'delivered', 'returned'],
  )
  assert.ok(!seen.text.includes('fragile') && !seen.text.includes(staff.user.id))
  assert.ok((await staff.get(path)).text.includes('fragile'))
  const again = await ann.post(
    '/orders',
    { ...CASH, items: [{ product_id: lamp, quantity: 1 }] },
    { 'idempotency-key': 'k' },
  )
  assert.equal(again.text, placed.text, 'the first answer, whatever came later')
})

test('a cancelled order puts its stock back, once', async () => {
  const lamp = await product({ stock: 5 })
  const ann = await shop.registerCustomer()
  const items = [{ product_id: lamp, quantity: 3 }]
  const { body: order } = await ann.post('/orders', { ...CASH, items })
  const key = { 'idempotency-key': 'c-1' }
  const cancelled = await ann.post(`/orders/${order.id}/cancel`, { note: 'too many' }, key)
  assert.deepEqual(
    [cancelled.status, cancelled.body.status, cancelled.body.allowed_transitions],
    [200, 'cancelled', []],
  )
  assert.equal(cancelled.body.history.at(-1).note, 'too many')
  const repeated = await ann.post(`/orders/${order.id}/cancel`, { note: 'too many' }, key)
  assert.deepEqual([repeated.status, repeated.headers.get('idempotent-replayed')], [200, 'true'])
  assert.equal((await ann.post(`/orders/${order.id}/cancel`)).body.code, 'transition_not_allowed')
  assert.deepEqual(await stockOf(lamp), { available: 5, reserved: 0, on_hand: 5 })
  const { body: second } = await ann.post('/orders', { ...CASH, items })
  const byStaff = await staff.put(`/orders/${second.id}`, { status: 'cancelled', note: 'fraud' })
  assert.equal(byStaff.body.status, 'cancelled')
  assert.deepEqual(await stockOf(lamp), { available: 5, reserved: 0, on_hand: 5 })
})

test('short stock names each line with what is left, keeps the cart, and is told again under its key', async () => {
  const [few, many] = [await product({ stock: 2 }), await product({ stock: 50 })]
  const ann = await shop.registerCustomer()
  const items = [
    { product_id: few, quantity: 3 },
    { product_id: many, quantity: 20 },
  ]
  const refused = await ann.post('/orders', { ...CASH, items }, { 'idempotency-key': 'short' })
  assert.deepEqual([refused.status, refused.body.code], [409, 'insufficient_stock'])
  assert.deepEqual(
    refused.body.lines.map((line: Body) => [line.product_id, line.quantity, line.available]),
    [[few, 3, 2]],
  )
  assert.deepEqual(await stockOf(many), { available: 50, reserved: 0, on_hand: 50 })
  await staff.post(`/products/${few}/stock`, { delta: 5 })
  const again = await ann.post('/orders', { ...CASH, items }, { 'idempotency-key': 'short' })
  assert.deepEqual([again.status, again.headers.get('idempotent-replayed')], [409, 'true'])
  assert.deepEqual(again.body.lines, refused.body.lines)
  assert.deepEqual((await ann.get('/orders')).body.items, [], 'what never got its stock is in no list')
  assert.equal((await ann.post('/orders', { ...CASH, items }, { 'idempotency-key': 'anew' })).status, 201)
})

test('lists: customers see their own, staff all with filters, both by pages', async () => {
  const lamp = await product({ stock: 100 })
  const [ann, bob] = [await shop.registerCustomer(), await shop.registerCustomer()]
  const ids: string[] = []
  for (let count = 0; count < 5; count++) {
    ids.unshift((await ann.post('/orders', { ...CASH, items: [{ product_id: lamp, quantity: 1 }] })).body.id)
  }
  await bob.post('/orders', { ...CASH, items: [{ product_id: lamp, quantity: 1 }] })
  await ann.post(`/orders/${ids[0]}/cancel`)
  const idsOf = ({ body }: { body: Body }) => body.items.map(({ id }: Body) => id)
  const first = await ann.get('/orders?limit=2&include=total')
  assert.deepEqual(first.body.total, { value: 5, relation: 'eq' })
  const second = await ann.get(`/orders?limit=2&cursor=${first.body.next_cursor}`)
  const third = await ann.get(`/orders?limit=2&cursor=${second.body.next_cursor}`)
  assert.deepEqual([idsOf(first), idsOf(second), idsOf(third)].flat(), ids)
  assert.equal(third.body.next_cursor, null)
  const foreign = await ann.get(`/orders?status=cancelled&cursor=${first.body.next_cursor}`)
  assert.deepEqual([foreign.status, foreign.body.code], [400, 'bad_cursor'])

  assert.deepEqual(idsOf(await staff.get(`/orders?user_id=${ann.user.id}&status=cancelled`)), [ids[0]])
  assert.deepEqual(idsOf(await staff.get(`/orders?user_id=${ann.user.id}&payment_status=paid`)), [])
  const cancelled = await staff.get('/orders?status=cancelled&payment_status=unpaid&limit=100')
  assert.ok(idsOf(cancelled).includes(ids[0]))
  const { created_at } = (await ann.get(`/orders/${ids[2]}`)).body
  assert.deepEqual(idsOf(await ann.get(`/orders?to=${created_at}`)), ids.slice(3))
  assert.deepEqual(idsOf(await ann.get(`/orders?from=${created_at}`)), ids.slice(0, 3))
  assert.deepEqual(idsOf(await bob.get(`/orders?user_id=${ann.user.id}`)), idsOf(await bob.get('/orders')))
})

test('an order of as many lines as there may be is taken', async () => {
  const lines = crowd(MAX_ORDER_LINES)
  const values = Array.from({ length: lines / 2 }, (_, index) => `v${index}`)
  const form = (prefix: string) => ({
    options: [{ name: 'form', values }],
    variants: values.map((value) => ({ sku: `${prefix}-${value}`, options: { form: value }, stock: 2 })),
  })
  const [left, right] = [await product(form('L500')), await product(form('R500'))]
  const items = [left, right].flatMap((product_id, half) =>
    values.map((value) => ({ product_id, sku: `${half ? 'R' : 'L'}500-${value}`, quantity: 1 })),
  )
  assert.equal(items.length, lines)
  const ann = await shop.registerCustomer()
  const { status, body } = await ann.post('/orders', { ...CASH, items })
  assert.equal(status, 201)
  assert.deepEqual(body.total, usd(2_000 * lines))
  assert.equal((await ann.post(`/orders/${body.id}/cancel`)).body.status, 'cancelled')
})
