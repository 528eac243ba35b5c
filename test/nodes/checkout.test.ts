import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ORDERS } from '../../src/shop/orders/schema.ts'
import { rests } from '../../src/shop/orders/step-rules.ts'
import type { Answer } from '../support/http-client.ts'
import { type RunningNode, type RunningNodes, startNodes } from '../support/nodes.ts'
import { crowd } from '../support/pair.ts'
import { until } from '../support/until.ts'

const ADDRESS = { name: 'Ann', line1: 'High Street 1', city: 'Leeds', postal_code: 'LS1', country: 'GB' }
const CASH = { shipping_address: ADDRESS, payment_method: 'cash_on_delivery' }

async function productOf(shop: RunningNodes, stock: number): Promise<string> {
  const staff = await shop.asStaff()
  const price = { amount: 1_000, currency: 'USD' }
  const { status, body } = await staff.post('/products', { name: 'Lamp', price, stock })
  assert.equal(status, 201)
  return body.id
}

async function levelOf(shop: RunningNodes, product_id: string) {
  const [level] = await shop.storage.stock.ofProducts([product_id])
  const { available, reserved, sold } = level!
  return { available, reserved, sold }
}

async function allRest(shop: RunningNodes): Promise<void> {
  const orders = shop.storage.collection(ORDERS)
  await until(async () => (await orders.list({ index: 'unsettled', limit: 1 })).items.length === 0)
}

/** Stops the node at its first work on stock for an order, until it is released. */
function heldAtStock(node: RunningNode) {
  const reached = Promise.withResolvers<void>()
  const released = Promise.withResolvers<void>()
  node.tap(async ({ target, operation }, run) => {
    if (target === 'stock' && operation === 'apply') {
      reached.resolve()
      await released.promise
    }
    return run()
  })
  return { reached: reached.promise, release: () => released.resolve() }
}

/** One piece. Asks again under the same key, as a client does, until there is a definite answer. */
async function buy(shop: RunningNodes, access_token: string, product_id: string): Promise<Answer> {
  const client = shop.withToken(access_token)
  const body = { ...CASH, items: [{ product_id, quantity: 1 }] }
  for (;;) {
    const answer = await client.post('/orders', body, { 'idempotency-key': 'k' }).catch(() => undefined)
    if (answer && answer.status < 500 && answer.body.code !== 'in_progress') return answer
  }
}

test('500 buyers at three nodes for 50 units get 50 orders', async (t) => {
  const shop = await startNodes(t)
  const stock = crowd(50)
  const product_id = await productOf(shop, stock)
  const buyers = await Promise.all(Array.from({ length: crowd(500) }, () => shop.registerCustomer()))
  const answers = await Promise.all(buyers.map(({ access_token }) => buy(shop, access_token, product_id)))
  const outcomes = Map.groupBy(answers, ({ status, body }) => `${status} ${body.code ?? ''}`)
  assert.deepEqual([...outcomes].map(([outcome, all]) => [outcome, all.length]).sort(), [
    ['201 ', stock],
    ['409 insufficient_stock', buyers.length - stock],
  ])
  await allRest(shop)
  assert.deepEqual(await levelOf(shop, product_id), { available: 0, reserved: 0, sold: stock })
})

test('an order repeated at another node while it is taken waits for it and is the same', async (t) => {
  const shop = await startNodes(t)
  const product_id = await productOf(shop, 10)
  const [a, b, c] = shop.nodes
  const { access_token } = await shop.registerCustomer()
  const held = heldAtStock(a!)
  const order = (node: RunningNode) =>
    node
      .withToken(access_token)
      .post('/orders', { ...CASH, items: [{ product_id, quantity: 2 }] }, { 'idempotency-key': 'k' })
  let looks = 0
  let worked = false
  for (const node of [b!, c!])
    node.tap((call, run) => {
      if (call.target === ORDERS.name && call.operation === 'get') looks++
      if (call.target === 'stock' && call.operation === 'apply') worked = true
      return run()
    })
  const first = order(a!)
  await held.reached
  const repeats = [order(b!), order(c!), order(b!)]
  await until(() => looks >= 9)
  assert.equal(worked, false, 'a repeat does the work of a request that is alive')
  held.release()
  const answers = await Promise.all([first, ...repeats])
  assert.deepEqual([...new Set(answers.map(({ status, text }) => `${status} ${text}`))].length, 1)
  assert.equal(answers[0]!.status, 201)
  assert.deepEqual(
    answers.map(({ headers }) => headers.get('idempotent-replayed')),
    [null, 'true', 'true', 'true'],
  )
  await allRest(shop)
  assert.deepEqual(await levelOf(shop, product_id), { available: 8, reserved: 0, sold: 2 })
})

test('the order of a node that died is finished by a repeat at another, and without one by recovery', async (t) => {
  const shop = await startNodes(t)
  const product_id = await productOf(shop, 10)
  const [a, b] = shop.nodes
  const held = heldAtStock(a!)
  const people = await Promise.all([shop.registerCustomer(), shop.registerCustomer()])
  const order = (node: RunningNode, person: number) =>
    node
      .withToken(people[person]!.access_token)
      .post('/orders', { ...CASH, items: [{ product_id, quantity: 1 }] }, { 'idempotency-key': 'k' })
  const lost = [order(a!, 0).catch(() => 'lost'), order(a!, 1).catch(() => 'lost')]
  const orders = shop.storage.collection(ORDERS)
  await until(async () => (await orders.list({ index: 'unsettled', limit: 10 })).items.length === 2)
  await a!.kill()
  held.release()
  assert.deepEqual(await Promise.all(lost), ['lost', 'lost'])

  const again = await order(b!, 0)
  assert.equal(again.status, 201, again.text)
  assert.equal(again.headers.get('idempotent-replayed'), 'true')
  await allRest(shop)
  assert.deepEqual(await levelOf(shop, product_id), { available: 8, reserved: 0, sold: 2 })
  const [other] = (await shop.withToken(people[1]!.access_token).get('/orders')).body.items
  assert.equal(other.status, 'confirmed')
  assert.equal((await order(b!, 1)).body.id, other.id)
})

test('nodes that die under a rush of buyers leave nothing lost, doubled or oversold', async (t) => {
  const shop = await startNodes(t, { count: 4 })
  const stock = crowd(40)
  const product_id = await productOf(shop, stock)
  const buyers = await Promise.all(Array.from({ length: crowd(120) }, () => shop.registerCustomer()))

  const buying = buyers.map(({ access_token }) => buy(shop, access_token, product_id))
  const orders = shop.storage.collection(ORDERS)
  for (const [index, sold] of [
    [0, 2],
    [2, stock / 2],
  ] as const) {
    await until(async () => (await orders.count({ index: 'placed' })).value >= sold)
    await shop.nodes[index]!.kill()
  }
  const answers = await Promise.all(buying)
  await allRest(shop)
  const ok = answers.filter(({ status }) => status === 201)
  assert.equal(ok.length, stock)
  assert.ok(answers.every(({ status, body }) => status === 201 || body.code === 'insufficient_stock'))
  assert.equal(new Set(ok.map(({ body }) => body.id)).size, stock)
  assert.deepEqual(await levelOf(shop, product_id), { available: 0, reserved: 0, sold: stock })
  const { items } = await orders.list({ index: 'placed', limit: 1_000 })
  assert.ok(items.every((order) => rests(order) && order.step === 'COMMITTED'))
  assert.equal(items.length, stock)
})
