import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Answer, Body, Client } from '../support/http-client.ts'
import { openNodes } from '../support/nodes.ts'
import { PASSWORD, type SignedInClient } from '../support/people.ts'
import { countRounds } from '../support/rounds.ts'

/** The background looks at the storage now and then, on a busy machine often: the least of some counts is the request's own. */
const MAX_TRIES = 20

const price = { amount: 1_000, currency: 'USD' }
const address = { name: 'Ann', line1: 'High Street 1', city: 'Leeds', postal_code: 'LS1', country: 'GB' }
const CARD = { shipping_address: address, payment_method: 'card' }
const CASH = { shipping_address: address, payment_method: 'cash_on_delivery' }

let shop: Awaited<ReturnType<typeof openNodes>>
let staff: SignedInClient
let customer: SignedInClient
let lamp: Body
let count = 0
const rounds = countRounds()

before(async () => {
  const environment = { RATE_LIMITS: 'on', TRUST_PROXY: 'true' }
  shop = await openNodes({ count: 1, environment })
  staff = await shop.asStaff()
  customer = await shop.registerCustomer()
  const category = await staff.post('/categories', { name: 'Lamps' })
  const product = { name: 'Lamp', price, stock: 1_000, category_ids: [category.body.id] }
  lamp = (await staff.post('/products', product)).body
})
after(() => shop.stop())

interface Request {
  route: string
  /** How often the answer waits for the storage, and how many calls that takes at most. */
  rounds: number
  calls: number
  status?: number
  /** Made anew for each try and not counted. */
  prepare?(): Promise<() => Promise<Answer>>
  ask?(): Promise<Answer>
}

/** A quota of its own for each, and no keep of who asks that is out of date. */
const fresh = (client?: Pick<SignedInClient, 'access_token'>): Client =>
  shop.client({
    'x-forwarded-for': `10.${count >> 8}.${count++ & 255}.1`,
    ...(client && { authorization: `Bearer ${client.access_token}` }),
  })
const key = () => ({ 'idempotency-key': `key-${count++}` })

/** Somebody who holds nothing unpaid. */
async function newcomer(): Promise<Pick<SignedInClient, 'access_token'>> {
  const account = { email: `n${count++}@example.com`, password: PASSWORD, name: 'N' }
  return (await fresh().post('/auth/register', account)).body
}

const READING: Request[] = [
  { route: 'GET /products', rounds: 1, calls: 1, ask: () => fresh().get('/products') },
  { route: 'GET /products?q', rounds: 1, calls: 1, ask: () => fresh().get('/products?q=lamp') },
  {
    route: 'GET /products?category, the tree is kept for a second',
    rounds: 1,
    calls: 1,
    ask: () => fresh().get('/products?category=lamps'),
  },
  { route: 'GET /products/:id', rounds: 1, calls: 3, ask: () => fresh().get(`/products/${lamp.id}`) },
  { route: 'GET /products/:slug', rounds: 2, calls: 3, ask: () => fresh().get(`/products/${lamp.slug}`) },
  { route: 'GET /categories', rounds: 2, calls: 3, ask: () => fresh().get('/categories') },
  { route: 'GET /auth/me', rounds: 1, calls: 3, ask: () => fresh(customer).get('/auth/me') },
  { route: 'GET /orders', rounds: 1, calls: 1, ask: () => fresh(customer).get('/orders') },
]

const BUYING: Request[] = [
  {
    route: 'POST /cart/items, the first line',
    rounds: 3,
    calls: 4,
    ask: () => fresh().post('/cart/items', { product_id: lamp.id, quantity: 1 }, key()),
  },
  {
    route: 'GET /cart',
    rounds: 2,
    calls: 3,
    async prepare() {
      const guest = fresh()
      await guest.post('/cart/items', { product_id: lamp.id, quantity: 1 })
      return () => guest.get('/cart')
    },
  },
  {
    route: 'POST /orders from the cart',
    rounds: 7,
    calls: 13,
    status: 201,
    async prepare() {
      const client = fresh(await newcomer())
      await client.post('/cart/items', { product_id: lamp.id, quantity: 1 })
      return () => client.post('/orders', CASH, key())
    },
  },
  {
    route: 'POST /orders of items',
    rounds: 5,
    calls: 9,
    status: 201,
    async prepare() {
      const client = fresh(await newcomer())
      const items = [{ product_id: lamp.id, quantity: 1 }]
      return () => client.post('/orders', { ...CASH, items }, key())
    },
  },
  {
    route: 'POST /orders from the cart, by card',
    rounds: 7,
    calls: 12,
    status: 201,
    async prepare() {
      const client = fresh(await newcomer())
      await client.post('/cart/items', { product_id: lamp.id, quantity: 1 })
      return () => client.post('/orders', CARD, key())
    },
  },
  {
    route: 'POST /orders/:id/payments',
    rounds: 8,
    calls: 11,
    status: 201,
    async prepare() {
      const client = fresh(await newcomer())
      const items = [{ product_id: lamp.id, quantity: 1 }]
      const { id } = (await client.post('/orders', { ...CARD, items })).body
      return () => client.post(`/orders/${id}/payments`, { method: 'tok_success' }, key())
    },
  },
]

const ACCOUNTS: Request[] = [
  {
    route: 'POST /auth/login',
    rounds: 5,
    calls: 10,
    ask: () => fresh().post('/auth/login', { email: customer.email, password: PASSWORD }),
  },
  {
    route: 'POST /auth/register',
    rounds: 6,
    calls: 8,
    status: 201,
    ask: () =>
      fresh().post('/auth/register', { email: `n${count++}@example.com`, password: PASSWORD, name: 'N' }),
  },
  {
    route: 'POST /auth/refresh',
    rounds: 5,
    calls: 5,
    async prepare() {
      const { refresh_token } = (
        await fresh().post('/auth/login', { email: customer.email, password: PASSWORD })
      ).body
      return () => fresh().post('/auth/refresh', { refresh_token })
    },
  },
]

const STAFF: Request[] = [
  {
    route: 'POST /products with stock',
    rounds: 8,
    calls: 10,
    status: 201,
    ask: () => fresh(staff).post('/products', { name: `Lamp ${count++}`, price, stock: 5 }, key()),
  },
  {
    route: 'PATCH /products/:id',
    rounds: 4,
    calls: 6,
    ask: () => fresh(staff).patch(`/products/${lamp.id}`, { description: `text ${count++}` }),
  },
  {
    route: 'POST /products/:id/stock',
    rounds: 7,
    calls: 8,
    ask: () => fresh(staff).post(`/products/${lamp.id}/stock`, { delta: 1 }, key()),
  },
]

for (const request of [...READING, ...BUYING, ...ACCOUNTS, ...STAFF]) {
  test(`${request.route} waits for the storage ${request.rounds} times at most`, async () => {
    const [node] = shop.nodes
    let least = { calls: Number.POSITIVE_INFINITY, rounds: Number.POSITIVE_INFINITY }
    const within = () => least.rounds <= request.rounds && least.calls <= request.calls
    for (let tries = 0; tries < MAX_TRIES && !within(); tries++) {
      const ask = (await request.prepare?.()) ?? request.ask!
      // Who was known a moment ago is not looked up again; routes that need to know it newly do so in any case.
      await fresh(customer).get('/cart')
      await fresh().get(`/products/${lamp.id}`)
      rounds.look()
      node!.tap(rounds.intercept)
      const { status, text } = await ask()
      const seen = rounds.look()
      node!.tap((_call, run) => run())
      assert.equal(status, request.status ?? 200, text)
      least = { calls: Math.min(least.calls, seen.calls), rounds: Math.min(least.rounds, seen.rounds) }
    }
    assert.ok(least.rounds > 0, 'nothing was asked of the storage')
    assert.ok(least.rounds <= request.rounds, `${least.rounds} times`)
    assert.ok(least.calls <= request.calls, `${least.calls} calls`)
  })
}
