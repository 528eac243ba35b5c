import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { KEY_LEASE_MS } from '../../src/http/idempotency-leases.ts'
import { ORDERS } from '../../src/shop/orders/schema.ts'
import { USERS } from '../../src/shop/users/schema.ts'
import type { Answer, Body } from '../support/http-client.ts'
import { openNodes, type RunningNode } from '../support/nodes.ts'
import { PASSWORD, type SignedInClient } from '../support/people.ts'
import { isWrite, replyLost } from '../support/tapped-storage.ts'
import { until } from '../support/until.ts'

/** More writes than any story makes. */
const MAX_WRITES = 40
const MAX_REPEATS = 5
/** Stories told anew because another node was faster at what the first one began. */
const MAX_OVERTAKEN = 3
const ADDRESS = { name: 'Ann', line1: 'High Street 1', city: 'Leeds', postal_code: 'LS1', country: 'GB' }
const CASH = { shipping_address: ADDRESS, payment_method: 'cash_on_delivery' }

let shop: Awaited<ReturnType<typeof openNodes>>
let staff: SignedInClient
let count = 0
before(async () => {
  shop = await openNodes({ environment: { ACCESS_TOKEN_TTL: '1d' } })
  staff = await shop.asStaff()
})
after(() => shop.stop())

/** Asks the first node, and after a 503 the others, as a client behind a balancer does. */
async function insist(ask: (node: RunningNode) => Promise<Answer>): Promise<Answer> {
  for (let turn = 0; ; turn++) {
    const answer = await ask(shop.nodes[turn === 0 ? 0 : 1 + (turn % 2)]!)
    if (answer.status < 500 && answer.body?.code !== 'in_progress') return answer
    assert.ok(turn < MAX_REPEATS, `still ${answer.status} ${answer.text}`)
    // What the first node began is not its own for longer than a lease; clocks are off by a second.
    shop.turn(KEY_LEASE_MS + 2_000)
  }
}

/** Tells the story with each of the first node's writes in turn made and its answer lost. */
async function everyWriteLost(story: () => Promise<void>, fewest: number): Promise<void> {
  let overtaken = 0
  for (let nth = 1; ; nth++) {
    assert.ok(nth < MAX_WRITES, 'the story never ends')
    let writes = 0
    let lost = false
    shop.nodes[0]!.tap(async (call, run) => {
      if (!isWrite(call) || call.operation === 'removeOlder') return run()
      const mine = ++writes === nth
      const result = await run()
      if (!mine) return result
      lost = true
      throw replyLost()
    })
    await story()
    await allRest()
    shop.nodes[0]!.tap((_call, run) => run())
    if (lost) continue
    if (nth > fewest) return
    assert.ok(++overtaken <= MAX_OVERTAKEN, `only ${nth - 1} writes: the story did not happen`)
    nth--
  }
}

async function allRest(): Promise<void> {
  const orders = shop.storage.collection(ORDERS)
  const halfway = async () => (await orders.list({ index: 'unsettled', limit: 1 })).items.length
  if ((await halfway()) === 0) return
  shop.turn(KEY_LEASE_MS + 2_000)
  await until(async () => (await halfway()) === 0)
}

/** Made at a node that loses nothing. */
async function product(stock: number): Promise<Body> {
  const price = { amount: 1_000, currency: 'USD' }
  const client = shop.nodes[1]!.withToken(staff.access_token)
  const { status, body } = await client.post('/products', { name: `Thing ${++count}`, price, stock })
  assert.equal(status, 201)
  return body
}

async function levelOf(product_id: string) {
  const [level] = await shop.storage.stock.ofProducts([product_id])
  const { available, reserved, sold } = level!
  return { available, reserved, sold }
}

test('an order from a cart is made once, whichever answer of the storage is lost', async () => {
  await everyWriteLost(async () => {
    const { id: product_id } = await product(5)
    const { access_token } = await shop.nodes[1]!.registerCustomer({ email: `o${++count}@example.com` })
    await shop.nodes[1]!.withToken(access_token).post('/cart/items', { product_id, quantity: 2 })
    const key = { 'idempotency-key': 'k' }
    const order = await insist((node) => node.withToken(access_token).post('/orders', CASH, key))
    assert.equal(order.status, 201, order.text)
    await allRest()
    assert.deepEqual(await levelOf(product_id), { available: 3, reserved: 0, sold: 2 })
    const own = shop.nodes[1]!.withToken(access_token)
    assert.equal((await own.get('/orders')).body.items.length, 1)
    assert.equal((await own.get('/cart')).body.item_count, 0)
    assert.equal((await own.post('/orders', CASH, key)).text, order.text)
  }, 5)
})

test('an order is cancelled once, whichever answer of the storage is lost', async () => {
  await everyWriteLost(async () => {
    const { id: product_id } = await product(5)
    const { access_token } = await shop.nodes[1]!.registerCustomer({ email: `c${++count}@example.com` })
    const items = [{ product_id, quantity: 2 }]
    const { body } = await shop.nodes[1]!.withToken(access_token).post('/orders', { ...CASH, items })
    await allRest()
    const cancelled = await insist((node) =>
      node.withToken(access_token).post(`/orders/${body.id}/cancel`, {}, { 'idempotency-key': 'k' }),
    )
    assert.equal(cancelled.status, 200, cancelled.text)
    await allRest()
    assert.deepEqual(await levelOf(product_id), { available: 5, reserved: 0, sold: 0 })
  }, 4)
})

test('a product gets its stock once, whichever answer of the storage is lost', async () => {
  await everyWriteLost(async () => {
    const body = { name: `Lost ${++count}`, price: { amount: 100, currency: 'USD' }, stock: 7 }
    const key = { 'idempotency-key': `p${count}` }
    const made = await insist((node) => node.withToken(staff.access_token).post('/products', body, key))
    assert.equal(made.status, 201, made.text)
    assert.deepEqual(await levelOf(made.body.id), { available: 7, reserved: 0, sold: 0 })
    const found = await shop.nodes[1]!.client().get(`/products?q=${encodeURIComponent(body.name)}`)
    assert.equal(found.body.items.length, 1)
  }, 4)
})

test('a delivery is booked once, whichever answer of the storage is lost', async () => {
  await everyWriteLost(async () => {
    const { id } = await product(5)
    const key = { 'idempotency-key': `d${++count}` }
    const booked = await insist((node) =>
      node.withToken(staff.access_token).post(`/products/${id}/stock`, { delta: 3 }, key),
    )
    assert.equal(booked.status, 200, booked.text)
    assert.deepEqual(await levelOf(id), { available: 8, reserved: 0, sold: 0 })
  }, 3)
})

test('a category is made once, whichever answer of the storage is lost', async () => {
  await everyWriteLost(async () => {
    const name = `Branch ${++count}`
    const key = { 'idempotency-key': name }
    const made = await insist((node) => node.withToken(staff.access_token).post('/categories', { name }, key))
    assert.equal(made.status, 201, made.text)
    const { body } = await shop.nodes[1]!.client().get('/categories')
    assert.equal(body.items.filter((item: Body) => item.name === name).length, 1)
  }, 4)
})

test('pieces are put into a cart once, whichever answer of the storage is lost', async () => {
  const { id: product_id } = await product(5)
  await everyWriteLost(async () => {
    const { access_token } = await shop.nodes[1]!.registerCustomer({ email: `a${++count}@example.com` })
    const add = (key: string) =>
      insist((node) =>
        node
          .withToken(access_token)
          .post('/cart/items', { product_id, quantity: 2 }, { 'idempotency-key': key }),
      )
    assert.equal((await add('first')).status, 200)
    const { body } = await add('second')
    assert.equal(body.item_count, 4)
  }, 1)
})

test('a session is refreshed and goes on, whichever answer of the storage is lost', async () => {
  await everyWriteLost(async () => {
    const { refresh_token } = await shop.nodes[1]!.registerCustomer({ email: `r${++count}@example.com` })
    const refreshed = await insist((node) => node.client().post('/auth/refresh', { refresh_token }))
    assert.equal(refreshed.status, 200, refreshed.text)
    const next = { refresh_token: refreshed.body.refresh_token }
    assert.equal((await shop.nodes[2]!.client().post('/auth/refresh', next)).status, 200)
  }, 0)
})

test('who signs up has one account and gets into it, whichever answer of the storage is lost', async () => {
  await everyWriteLost(async () => {
    const email = `s${++count}@example.com`
    const person = { email, password: PASSWORD, name: 'Somebody' }
    const signedUp = await insist((node) => node.client().post('/auth/register', person))
    assert.ok(signedUp.status === 201 || signedUp.body.code === 'email_taken', signedUp.text)
    await shop.nodes[2]!.login(email, PASSWORD)
    const { items } = await shop.storage.collection(USERS).list({ index: 'email', equal: [email], limit: 2 })
    assert.equal(items.length, 1)
  }, 1)
})

test('a guest brings the cart along once, whichever answer of the storage is lost at sign-in', async () => {
  const { id: product_id } = await product(5)
  await everyWriteLost(async () => {
    const email = `g${++count}@example.com`
    await shop.nodes[1]!.registerCustomer({ email })
    const guest = shop.nodes[1]!.client()
    await guest.post('/cart/items', { product_id, quantity: 3 })
    const signIn = (node: RunningNode) =>
      node.client(guest.headers).post('/auth/login', { email, password: PASSWORD })
    const { status, body } = await insist(signIn)
    assert.equal(status, 200)
    const own = shop.nodes[1]!.withToken(body.access_token)
    await until(async () => (await own.get('/cart')).body.item_count === 3)
    await until(async () => (await guest.get('/cart')).body.item_count === 0)
    assert.equal((await own.get('/cart')).body.item_count, 3)
  }, 3)
})
