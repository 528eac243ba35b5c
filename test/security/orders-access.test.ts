import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { newId } from '../../src/kernel/ids.ts'
import { comingAgain } from '../support/come-again.ts'
import type { SignedInClient } from '../support/shop.ts'
import { CASH, type OrdersWorld, openOrdersWorld } from './orders-world.ts'

let world: OrdersWorld
let lamp: string
let ann: SignedInClient
let bob: SignedInClient
/** An order of Bob's. */
let foreign: string
before(async () => {
  world = await openOrdersWorld()
  lamp = await world.product()
  ann = await world.shop.registerCustomer()
  bob = await world.shop.registerCustomer()
  foreign = (await world.order(bob, lamp)).body.id
  await world.shop.caughtUp()
})
after(() => world.stop())

test('API1-01 the order of another is answered like one that does not exist', async () => {
  const one = await world.refused(ann, 'GET', `/orders/${foreign}`, [404])
  const other = await world.refused(ann, 'GET', `/orders/${newId('ord')}`, [404])
  const { request_id: _, instance: __, ...seen } = one.body
  const { request_id: ___, instance: ____, ...missing } = other.body
  assert.deepEqual(seen, missing)
  await world.refused(world.shop.asGuest(), 'GET', `/orders/${foreign}`, [401])
})

test('API1-02 customers change no order but by cancelling their own', async () => {
  const { text } = await bob.get(`/orders/${foreign}`)
  for (const method of ['PATCH', 'DELETE']) await world.refused(ann, method, `/orders/${foreign}`, [405])
  await world.refused(ann, 'PUT', `/orders/${foreign}`, [403], { status: 'cancelled' })
  await world.refused(bob, 'PUT', `/orders/${foreign}`, [403], { status: 'shipped' })
  assert.equal((await bob.get(`/orders/${foreign}`)).text, text)
})

test('API1-03 nobody cancels, pays, refunds or returns the order of another', async () => {
  await world.refused(ann, 'POST', `/orders/${foreign}/cancel`, [404], {})
  await world.refused(ann, 'POST', `/orders/${foreign}/refunds`, [404], { reason: 'x' })
  await world.refused(ann, 'POST', `/orders/${foreign}/payments`, [404], { method: 'tok_success' })
  const items = [{ product_id: lamp, quantity: 1 }]
  await world.refused(ann, 'POST', `/orders/${foreign}/returns`, [404], { items })
  await world.refused(world.shop.asGuest(), 'POST', `/orders/${foreign}/returns`, [401], { items })
})

test('API5-01 API5-02 customers decide nothing of returns, not even of their own', async () => {
  const carl = await world.shop.registerCustomer()
  const own = (await world.order(carl, lamp)).body.id
  for (const status of ['processing', 'shipped', 'delivered'])
    await world.staff.put(`/orders/${own}`, { status })
  const items = [{ product_id: lamp, quantity: 1 }]
  const asked = await comingAgain(() => carl.post(`/orders/${own}/returns`, { items }))
  assert.equal(asked.status, 201, asked.text)
  const path = `/orders/${own}/returns/${asked.body.id}`
  for (const state of ['approved', 'rejected', 'received', 'refunded']) {
    await world.refused(carl, 'PUT', path, [403], { state })
    await world.refused(world.shop.asGuest(), 'PUT', path, [401], { state })
  }
  const elsewhere = `/orders/${foreign}/returns/${asked.body.id}`
  await world.refused(world.staff, 'PUT', elsewhere, [404, 'not_found'], { state: 'approved' })
  await world.refused(world.staff, 'PUT', `/orders/${own}/returns/ret_none`, [404], { state: 'approved' })
})

test('API1-04 a customer who asks for the orders of another gets their own', async () => {
  const { body } = await ann.get(`/orders?user_id=${bob.user.id}`)
  assert.deepEqual(body.items, [])
  await world.refused(ann, 'GET', `/orders?userId=${bob.user.id}`, [400])
})

test('API1-06 nobody orders the cart of another by naming it', async () => {
  const { body: cart } = await bob.post('/cart/items', { product_id: lamp, quantity: 1 })
  await world.refused(ann, 'POST', '/orders', [422], { ...CASH, cart_id: cart.id })
  await world.refused(ann, 'POST', '/orders', [422], { ...CASH, cartId: cart.id })
  await world.refused(ann, 'POST', '/orders', [422], { ...CASH, addressId: 'adr_1' })
  await world.refused(ann, 'POST', '/orders', [422, 'cart_empty'], CASH)
  assert.equal((await bob.get('/cart')).body.items.length, 1)
})

test('API1-15 the key of another means nothing for me', async () => {
  const body = { ...CASH, items: [{ product_id: lamp, quantity: 1 }] }
  const key = { 'idempotency-key': 'shared' }
  const first = await bob.post('/orders', body, key)
  const second = await ann.post('/orders', body, key)
  assert.deepEqual([first.status, second.status], [201, 201])
  assert.notEqual(first.body.id, second.body.id)
  assert.equal(second.body.user_id, ann.user.id)
  assert.equal(second.headers.get('idempotent-replayed'), null)
})

test('API1-16 ids that no order has are answered as missing ones', async () => {
  const ids = [
    '%5Bobject%20Object%5D',
    '%00',
    '..%2fadmin',
    'x'.repeat(64),
    foreign.toUpperCase(),
    '%7B%22%24gt%22%3A%22%22%7D',
  ]
  for (const id of ids) {
    await world.refused(ann, 'GET', `/orders/${id}`, [404])
    await world.refused(ann, 'POST', `/orders/${id}/cancel`, [404], {})
  }
  await world.refused(ann, 'GET', `/orders/${'x'.repeat(10_000)}`, [404])
})

test('API1-17 an order that never got its stock is in no list and answers 404, also for staff', async () => {
  const few = await world.product({ stock: 1 })
  const short = { ...CASH, items: [{ product_id: few, quantity: 2 }] }
  const keyed = await ann.post('/orders', short, { 'idempotency-key': 'short' })
  assert.equal(keyed.status, 409)
  const { ORDERS } = await import('../../src/shop/orders/schema.ts')
  const orders = world.shop.application.storage.collection(ORDERS)
  const hidden = await orders.getBy('idem', [ann.user.id, 'short'])
  assert.equal(hidden?.step, 'CANCELLED')
  for (const client of [ann, world.staff]) await world.refused(client, 'GET', `/orders/${hidden!.id}`, [404])
  await world.refused(world.staff, 'PUT', `/orders/${hidden!.id}`, [404], { note: 'x' })
  assert.ok(!(await world.staff.get(`/orders?user_id=${ann.user.id}`)).text.includes(hidden!.id))
})

test('API3-10 a customer sees of an order what is theirs: no notes of staff, nothing of the protocol', async () => {
  await world.staff.put(`/orders/${foreign}`, { note: 'looks like fraud' })
  const { body, text } = await bob.get(`/orders/${foreign}`)
  assert.deepEqual(
    Object.keys(body).sort(),
    [
      'id',
      'version',
      'created_at',
      'updated_at',
      'number',
      'user_id',
      'status',
      'payment_status',
      'payment_method',
      'items',
      'subtotal',
      'shipping',
      'tax',
      'tax_included',
      'tax_rate_ppm',
      'discount',
      'total',
      'shipping_address',
      'billing_address',
      'note',
      'external_id',
      'tracking',
      'expires_at',
      'payments',
      'refunds',
      'returns',
      'ledger',
      'history',
      'allowed_transitions',
    ].sort(),
  )
  assert.ok(!/fraud|lease|idem|fingerprint|cart_claim|product_version|COMMITTED/.test(text))
})

test('API5-05 the orders of all are for staff', async () => {
  const { body } = await world.staff.get('/orders')
  assert.ok(body.items.some(({ id }: { id: string }) => id === foreign))
  assert.ok(!(await ann.get('/orders')).text.includes(foreign))
  await world.refused(world.shop.asGuest(), 'GET', '/orders', [401])
  await world.refused(ann, 'GET', '/admin/recent-orders', [403])
})
