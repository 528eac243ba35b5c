import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { crowd } from '../support/pair.ts'
import type { SignedInClient } from '../support/shop.ts'
import { ADDRESS, CASH, type OrdersWorld, openOrdersWorld, usd } from './orders-world.ts'

let world: OrdersWorld
let lamp: string
let ann: SignedInClient
before(async () => {
  world = await openOrdersWorld()
  lamp = await world.product()
  ann = await world.shop.registerCustomer()
})
after(() => world.stop())

test('API3-04 API3-12 nobody names a price, a total, a state or another user', async () => {
  const items = [{ product_id: lamp, quantity: 1 }]
  const forged = [
    { total: usd(1) },
    { price: 1 },
    { discount: usd(5) },
    { state: 'paid' },
    { status: 'delivered' },
    { user_id: 'usr_1' },
    { userId: 'usr_1' },
  ]
  for (const fields of forged)
    await world.refused(ann, 'POST', '/orders', [422], { ...CASH, items, ...fields })
  for (const fields of [{ unit_price: 1 }, { price: usd(1) }, { line_total: 1 }]) {
    await world.refused(ann, 'POST', '/orders', [422], { ...CASH, items: [{ ...items[0], ...fields }] })
  }
})

test('API3-06 a quantity is a whole number within its limits and nothing like one', async () => {
  for (const quantity of [true, '1', [1], 1.5, 0, -1, 1e9, 100_001]) {
    await world.refused(ann, 'POST', '/orders', [422], { ...CASH, items: [{ product_id: lamp, quantity }] })
  }
  const huge = { headers: { 'content-type': 'application/json' } }
  for (const quantity of ['9007199254740993', '1e400']) {
    const raw = `{"items":[{"product_id":"${lamp}","quantity":${quantity}}],"shipping_address":${JSON.stringify(ADDRESS)},"payment_method":"cash_on_delivery"}`
    const { status } = await ann.request('POST', '/orders', { ...huge, raw })
    assert.ok(status === 422 || status === 400, `${quantity}: ${status}`)
  }
})

test('API4-01 API4-20 an order takes at most 500 lines and its body 256 KiB', async () => {
  const items = Array.from({ length: 501 }, () => ({ product_id: lamp, quantity: 1 }))
  await world.refused(ann, 'POST', '/orders', [422, 'invalid_body'], { ...CASH, items })
  await world.refused(ann, 'POST', '/orders', [413], { ...CASH, note: 'x'.repeat(257 * 1024) })
  await world.refused(ann, 'POST', '/orders', [422], {
    ...CASH,
    note: 'x'.repeat(1_001),
    items: items.slice(0, 1),
  })
})

test('an address is one: with its parts, a country that exists, no control characters', async () => {
  const items = [{ product_id: lamp, quantity: 1 }]
  for (const change of [
    { country: 'XX' },
    { country: 'gb' },
    { name: '' },
    { city: ' ' },
    { line1: 'a\r\nb' },
    { extra: 'x' },
  ]) {
    const answer = await world.refused(ann, 'POST', '/orders', [422], {
      ...CASH,
      items,
      shipping_address: { ...ADDRESS, ...change },
    })
    assert.ok(answer.body.errors[0].pointer.startsWith('/shipping_address'), answer.text)
  }
})

test('API6-01 of many orders at once for one piece one is taken, the others hear 409', async () => {
  const last = await world.product({ stock: 1 })
  const customers = await Promise.all(Array.from({ length: 20 }, () => world.shop.registerCustomer()))
  const answers = await Promise.all(
    Array.from({ length: crowd(1_000) }, (_, index) =>
      world.orderSurely(customers[index % customers.length]!, last),
    ),
  )
  const statuses = answers.map(({ status }) => status)
  assert.equal(statuses.filter((status) => status === 201).length, 1)
  assert.equal(statuses.filter((status) => status === 409).length, statuses.length - 1)
})

test('API6-05 one key: another body, at the same time, again after success', async () => {
  const key = { 'idempotency-key': 'one' }
  const body = { ...CASH, items: [{ product_id: lamp, quantity: 1 }] }
  const answers = await Promise.all(Array.from({ length: 50 }, () => ann.post('/orders', body, key)))
  assert.deepEqual([...new Set(answers.map(({ status }) => status))], [201])
  assert.equal(new Set(answers.map(({ text }) => text)).size, 1)
  assert.equal(answers.filter(({ headers }) => headers.get('idempotent-replayed') === 'true').length, 49)
  const other = await ann.post('/orders', { ...body, note: 'other' }, key)
  assert.deepEqual([other.status, other.body.code], [422, 'idempotency_key_reused'])
  const spaced = await ann.request('POST', '/orders', {
    headers: key,
    raw: `{ "payment_method": "cash_on_delivery",  "items": ${JSON.stringify(body.items)}, "shipping_address": ${JSON.stringify(ADDRESS)} }`,
  })
  assert.equal(spaced.text, answers[0]!.text, 'spacing and order of keys do not matter')
  for (const bad of ['', 'x'.repeat(256), 'a\tb']) {
    const { status } = await ann.post('/orders', body, { 'idempotency-key': bad })
    assert.equal(status, 400, JSON.stringify(bad))
  }
  assert.equal((await ann.get('/orders')).body.items.length, 1)
})

test('API6-06 one cart under two keys at once: one 201, one 409', async () => {
  for (let round = 0; round < 10; round++) {
    const bob = await world.shop.registerCustomer()
    await bob.post('/cart/items', { product_id: lamp, quantity: 1 })
    const order = (key: string) => bob.post('/orders', CASH, { 'idempotency-key': key })
    const answers = await Promise.all([order('a'), order('b')])
    const [won, lost] = answers.sort((a, b) => a.status - b.status)
    assert.equal(won!.status, 201)
    const after = ['cart_already_ordered', 'cart_empty']
    assert.ok(after.includes(lost!.body.code), lost!.text)
    assert.equal(lost!.status, lost!.body.code === 'cart_empty' ? 422 : 409)
    assert.equal((await bob.get('/orders')).body.items.length, 1)
  }
})

test('API6-07 a price that changed is told, never taken silently', async () => {
  const dear = await world.product({ price: usd(1_000) })
  const bob = await world.shop.registerCustomer()
  const { body: cart } = await bob.post('/cart/items', { product_id: dear, quantity: 2 })
  assert.equal((await world.staff.patch(`/products/${dear}`, { price: usd(1_500) })).status, 200)
  const request = { ...CASH, expected_total: cart.subtotal }
  const { body } = await world.refused(bob, 'POST', '/orders', [409, 'price_changed'], request)
  assert.deepEqual(body.total, usd(3_000))
  assert.deepEqual(body.items[0].unit_price, usd(1_500))
  assert.equal((await bob.get('/cart')).body.items.length, 1)
  const placed = await bob.post('/orders', { ...CASH, expected_total: body.total })
  assert.deepEqual([placed.status, placed.body.total], [201, usd(3_000)])
})

test('API6-08 no step is skipped, and nothing is cancelled once it is shipped', async () => {
  const { body: order } = await world.order(ann, lamp)
  const path = `/orders/${order.id}`
  for (const status of ['shipped', 'delivered', 'returned', 'pending', 'confirmed']) {
    const { body } = await world.refused(world.staff, 'PUT', path, [409, 'transition_not_allowed'], {
      status,
    })
    assert.deepEqual(body.allowed_transitions, ['processing', 'cancelled'])
  }
  await world.staff.put(path, { status: 'processing' })
  await world.staff.put(path, { status: 'shipped' })
  await world.refused(ann, 'POST', `${path}/cancel`, [409, 'transition_not_allowed'], {})
  await world.refused(world.staff, 'PUT', path, [409, 'transition_not_allowed'], { status: 'cancelled' })
  await world.refused(ann, 'POST', `${path}/payments`, [409, 'not_payable'], { method: 'tok_success' })
  const gone = '/orders/ord_01jzzzzzzzzzzzzzzzzzzzzzzz/payments'
  await world.refused(ann, 'POST', gone, [404, 'not_found'], { method: 'tok_success' })
})

test('API6-11 what is a draft, archived, free or gone cannot be ordered', async () => {
  const archived = await world.product()
  await world.staff.delete(`/products/${archived}`)
  const refusals = [
    await world.product({ status: 'draft' }),
    archived,
    await world.product({ price: usd(0) }),
    'prd_0',
  ]
  for (const product_id of refusals) {
    const items = [
      { product_id: lamp, quantity: 1 },
      { product_id, quantity: 1 },
    ]
    const { body } = await world.refused(ann, 'POST', '/orders', [409, 'product_not_for_sale'], {
      ...CASH,
      items,
    })
    assert.deepEqual(
      body.lines.map((line: { product_id: string }) => line.product_id),
      [product_id],
    )
  }
})

test('API6-12 what is put into the cart while it is ordered is not in the order', async () => {
  const other = await world.product()
  const bob = await world.shop.registerCustomer()
  for (let round = 0; round < 10; round++) {
    await bob.post('/cart/items', { product_id: lamp, quantity: 1 })
    const [placed] = await Promise.all([
      bob.post('/orders', CASH),
      bob.post('/cart/items', { product_id: other, quantity: 1 }),
    ])
    assert.equal(placed.status, 201)
    const ordered = placed.body.items.map((item: { product_id: string }) => item.product_id)
    const left = (await bob.get('/cart')).body.items.map((item: { product_id: string }) => item.product_id)
    assert.ok(
      ordered.includes(other) !== left.includes(other),
      'ordered or still in the cart, never lost, never both',
    )
    await bob.delete('/cart')
  }
})

test('API6-14 another currency than the shop sells in is refused', async () => {
  const items = [{ product_id: lamp, quantity: 1 }]
  const expected_total = { amount: 2_000, currency: 'EUR' }
  await world.refused(ann, 'POST', '/orders', [422, 'currency_mismatch'], { ...CASH, items, expected_total })
  const foreign = await world.product({ price: { amount: 2_000, currency: 'EUR' } })
  await world.refused(ann, 'POST', '/orders', [422, 'currency_mismatch'], {
    ...CASH,
    items: [{ product_id: foreign, quantity: 1 }],
  })
})
