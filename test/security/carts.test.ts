import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { CARTS, MAX_CART_LINES } from '../../src/shop/carts/schema.ts'
import type { Client } from '../support/http-client.ts'
import { type RunningShop, type SignedInClient, startShop } from '../support/shop.ts'

let shop: RunningShop
let staff: SignedInClient
let product_id: string

before(async () => {
  shop = await startShop()
  staff = await shop.asStaff()
  product_id = await product({ name: 'Lamp', price: usd(2_000), stock: 40 })
})
after(() => shop.stop())

function usd(amount: number) {
  return { amount, currency: 'USD' }
}

async function product(fields: object): Promise<string> {
  const { status, body } = await staff.post('/products', { status: 'active', ...fields })
  assert.equal(status, 201)
  return body.id
}

async function refused(client: Client, method: string, path: string, expected: number, body?: unknown) {
  const seen = await client.get('/cart')
  const answer = await client.request(method, path, { body })
  assert.equal(
    answer.status,
    expected,
    `${method} ${path} ${JSON.stringify(body)?.slice(0, 80)}: ${answer.text}`,
  )
  assert.match(answer.headers.get('content-type') ?? '', /^application\/problem\+json/)
  assert.ok(answer.body.code && answer.body.request_id && !answer.body.stack)
  assert.deepEqual((await client.get('/cart')).body, seen.body, 'a refusal changes nothing')
}

test('API1-05 there is no way to name the cart of another', async () => {
  const victim = await shop.registerCustomer()
  const { body: cart } = await victim.post('/cart/items', { product_id, quantity: 1 })
  for (const client of [shop.asGuest(), await shop.registerCustomer()]) {
    for (const name of [cart.id, victim.user.id]) {
      await refused(client, 'POST', `/cart/${name}/items`, 404, { product_id, quantity: 1 })
      await refused(client, 'GET', `/cart/${name}`, 404)
    }
    const named = { product_id, quantity: 1, cart_id: cart.id }
    await refused(client, 'POST', '/cart/items', 422, named)
    await refused(client, 'GET', `/cart?cart_id=${cart.id}`, 400)
  }
  assert.deepEqual((await victim.get('/cart')).body.version, cart.version)
})

test('API1-05 a made-up or damaged session finds no cart but its own', async () => {
  const guest = shop.asGuest()
  await guest.post('/cart/items', { product_id, quantity: 1 })
  const session = guest.headers['x-session-id']!
  for (const other of [`${session.slice(0, -1)}_`, 'x', '../../etc', 'A'.repeat(43)]) {
    const { body } = await shop.asGuest({ 'x-session-id': other }).get('/cart')
    assert.equal(body.id, null)
  }
  const entries = await shop.application.storage.collection(CARTS).list({ index: 'owner', limit: 100 })
  assert.ok(!JSON.stringify(entries.items).includes(session), 'only a hash of the session is kept')
})

test('API1-16 ids that no product has are answered as missing ones', async () => {
  const guest = shop.asGuest()
  const ids = ['[object Object]', '%00', '..%2fadmin', 'prd_0', 'PRD_01JD', '$ne', 'x'.repeat(65)]
  for (const id of ids) {
    const path = `/cart/items/${id.includes('%') ? id : encodeURIComponent(id)}`
    await refused(guest, 'PUT', path, 404, { quantity: 1 })
  }
  await refused(guest, 'POST', '/cart/items', 422, { product_id: { $gt: '' }, quantity: 1 })
  await refused(guest, 'POST', '/cart/items', 422, { product_id: 'x'.repeat(10_000), quantity: 1 })
  await refused(guest, 'POST', '/cart/items', 404, { product_id: '\u0000', quantity: 1 })
})

test('API3-06 a quantity is a whole number within its limits and nothing like one', async () => {
  const guest = shop.asGuest()
  await guest.post('/cart/items', { product_id, quantity: 1 })
  for (const quantity of [true, '1', [1], 1.5, 0, -1, 1e9, null]) {
    await refused(guest, 'POST', '/cart/items', 422, { product_id, quantity })
    if (quantity !== 0) await refused(guest, 'PUT', `/cart/items/${product_id}`, 422, { quantity })
  }
  for (const quantity of ['9007199254740993', '1e400']) {
    const raw = `{"product_id":"${product_id}","quantity":${quantity}}`
    const { status } = await guest.request('POST', '/cart/items', { raw })
    assert.equal(status, 400)
  }
  assert.equal((await guest.get('/cart')).body.item_count, 1)
})

test('API3-08 shoppers see ten or more in a cart, staff see all', async () => {
  for (const [client, expected] of [[shop.asGuest(), 10] as const, [staff, 40] as const]) {
    const { body } = await client.post('/cart/items', { product_id, quantity: 1 })
    assert.equal(body.items[0].available, expected)
  }
})

test('API3-08 drafts and archived products go into no cart', async () => {
  const draft = await product({ name: 'Draft', price: usd(100), status: 'draft' })
  const archived = await product({ name: 'Old', price: usd(100), stock: 3 })
  const customer = await shop.registerCustomer()
  await customer.post('/cart/items', { product_id: archived, quantity: 1 })
  assert.equal((await staff.delete(`/products/${archived}`)).status, 204)
  for (const id of [draft, archived]) {
    await refused(customer, 'POST', '/cart/items', 404, { product_id: id, quantity: 1 })
  }
  const { body } = await customer.get('/cart')
  assert.equal(body.items[0].warnings[0].code, 'gone')
  assert.equal(body.subtotal.amount, 0)
})

test('API6-11 what costs nothing is shown, and the cart says that it is not sold', async () => {
  const free = await product({ name: 'Leaflet', price: usd(0), stock: 5 })
  const guest = shop.asGuest()
  assert.equal((await guest.get(`/products/${free}`)).status, 200)
  await refused(guest, 'POST', '/cart/items', 409, { product_id: free, quantity: 1 })
  const { body } = await guest.post('/cart/items', { product_id: free, quantity: 1 })
  assert.equal(body.code, 'product_not_for_sale')
})

test('API4-20 the 501st line of a cart is refused', async () => {
  const customer = await shop.registerCustomer()
  const { body } = await customer.post('/cart/items', { product_id, quantity: 1 })
  const carts = shop.application.storage.collection(CARTS)
  const cart = (await carts.get(body.id))!
  const more = Array.from({ length: MAX_CART_LINES - 1 }, (_, line) => ({
    ...cart.lines[0]!,
    sku: `X${line}`,
  }))
  await carts.replace({ ...cart, lines: [...cart.lines, ...more] })
  const other = await product({ name: 'One more', price: usd(100), stock: 3 })
  await refused(customer, 'POST', '/cart/items', 409, { product_id: other, quantity: 1 })
  await refused(customer, 'PUT', `/cart/items/${other}`, 409, { quantity: 1 })
})

test('API6-05 one key adds once, whatever comes of its answer; another body under it is refused', async () => {
  const guest = shop.asGuest()
  await guest.post('/cart/items', { product_id, quantity: 1 })
  const key = { 'idempotency-key': 'add-two' }
  const answers = await Promise.all(
    Array.from({ length: 50 }, () => guest.post('/cart/items', { product_id, quantity: 2 }, key)),
  )
  assert.ok(answers.every(({ status, text }) => status === 200 && text === answers[0]!.text))
  assert.equal(answers.filter(({ headers }) => headers.get('idempotent-replayed') === 'true').length, 49)
  const other = await guest.post('/cart/items', { product_id, quantity: 3 }, key)
  assert.deepEqual([other.status, other.body.code], [422, 'idempotency_key_reused'])
  for (const bad of ['', 'x'.repeat(256)]) {
    const { status } = await guest.post(
      '/cart/items',
      { product_id, quantity: 1 },
      { 'idempotency-key': bad },
    )
    assert.equal(status, 400)
  }
  assert.equal((await guest.get('/cart')).body.item_count, 3)
})

test('API6-14 a product of another currency goes into no cart', async () => {
  const yen = await product({ name: 'Yen', price: { amount: 100, currency: 'JPY' }, stock: 3 })
  await refused(shop.asGuest(), 'POST', '/cart/items', 422, { product_id: yen, quantity: 1 })
})

test('nobody on the way may keep a cart, nor give a page of staff to shoppers', async () => {
  const guest = shop.asGuest()
  const added = await guest.post('/cart/items', { product_id, quantity: 1 })
  for (const { headers } of [added, await guest.get('/cart'), await shop.asGuest().get('/cart')])
    assert.equal(headers.get('cache-control'), 'no-store')
  for (const path of ['/products', `/products/${product_id}`])
    assert.match((await guest.get(path)).headers.get('vary')!, /\bauthorization\b/)
})
