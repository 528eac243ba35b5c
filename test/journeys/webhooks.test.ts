import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { ORDERS } from '../../src/shop/orders/schema.ts'
import { INBOX } from '../../src/shop/webhooks/schema.ts'
import { startShop } from '../support/shop.ts'
import { until } from '../support/until.ts'
import { besideShop, deliver, noticeOf, signed, WEBHOOK_SECRET } from '../support/webhooks.ts'
import { CARD, cardShop, usd } from './card-world.ts'

const world = cardShop({ TEST_PROVIDER_SECRET: WEBHOOK_SECRET })
const HOUR_MS = 3_600_000
const WEEK_MS = 7 * 24 * 60 * 60 * 1_000
/** After that an object that no order explains is given back. */
const SETTLED_MS = 3 * 60 * 1_000
const inbox = () => world.shop().application.storage.collection(INBOX)
const settled = () => until(async () => (await inbox().count({ index: 'due' })).value === 0)
const send = (body: string) =>
  deliver(world.shop(), body, signed(body, { at: Math.floor(world.now() / 1_000) }))

test('a payment that was not answered is settled by what the provider tells, before it is asked again', async () => {
  const { pay, read } = await world.held()
  assert.equal((await pay('tok_timeout')).body.state, 'processing')
  // Enough for the notice, and too little for asking again.
  world.pass(300)
  await until(async () => (await read()).payment_status === 'paid')
})

test('what the customer did in the browser is told, although nobody comes back', async () => {
  const { order, pay, read } = await world.held()
  const yes = (await pay('tok_requires_action')).body
  await world.act(yes.action.url, true)
  world.pass(300)
  await until(async () => (await read()).payment_status === 'paid')
  const other = await world.held()
  const no = (await other.pay('tok_requires_action')).body
  await world.act(no.action.url, false)
  world.pass(300)
  await until(async () => (await other.read()).payment_status === 'failed')
  assert.equal((await other.read()).payments[0].code, 'authentication_failed')
  assert.deepEqual(await world.toldOf(order.id, 'ecommerce-payments'), ['payment_success'])
})

test('two browsers and a notice finish one payment at once: it is taken once', async () => {
  const { order, pay, read, product_id } = await world.held()
  const { action } = (await pay('tok_requires_action')).body
  await world.act(action.url, true)
  world.pass(300)
  const answers = await Promise.all([pay(), pay(), pay(), pay()])
  for (const { status, body } of answers) assert.deepEqual([status, body.state], [201, 'succeeded'])
  await until(async () => (await world.stockOf(product_id)).reserved === 0)
  await settled()
  assert.deepEqual(
    (await read()).ledger.map(({ kind }: { kind: string }) => kind),
    ['capture'],
  )
  assert.deepEqual(await world.toldOf(order.id, 'ecommerce-payments'), ['payment_success'])
})

test('money that others moved at the provider stands in the ledger of the order, and staff see it', async () => {
  const { order, pay, read, product_id } = await world.held()
  assert.equal((await pay('tok_success')).status, 201)
  await until(async () => (await world.stockOf(product_id)).reserved === 0)
  const beside = besideShop(world.shop(), world.now)
  const object = await objectOf(order.id)
  await beside.refund({ key: 'by hand', object_id: object.id, amount: 700 })
  await beside.close()
  await send(noticeOf(order, { id: object.id, state: 'captured', captured: 4_000, refunded: 700 }))
  await until(async () => (await read()).payment_status === 'partially_refunded')
  assert.deepEqual(
    (await read()).ledger.map(({ amount }: { amount: { amount: number } }) => amount.amount),
    [4_000, -700],
  )
  const items = (await world.staff().get('/admin/attention')).body.items
  assert.equal(items.find((one: { order_id: string }) => one.order_id === order.id).kind, 'moved_elsewhere')
  assert.deepEqual(await world.toldOf(order.id, 'ecommerce-payments'), [
    'payment_success',
    'payment_refunded',
  ])
  const much = await world.staff().post(`/orders/${order.id}/refunds`, { reason: 'All', amount: usd(3_301) })
  assert.equal(much.status, 409)
  // Staff looked at it.
  await world.staff().put(`/orders/${order.id}`, { note: 'Ann was given 7 dollars by hand.' })
  const after = (await world.staff().get('/admin/attention')).body.items
  assert.ok(!after.some((one: { order_id: string }) => one.order_id === order.id))
})

test('what was taken for an order that is cancelled goes back, and is told; the order stays cancelled', async () => {
  const { ann, order, pay, read } = await world.held()
  await pay('tok_requires_action')
  assert.equal((await ann.post(`/orders/${order.id}/cancel`, {})).status, 200)
  const { id } = await objectOf(order.id)
  // As if the bank had taken it all the same.
  const { DatabaseSync } = await import('node:sqlite')
  const ledger = new DatabaseSync(join(world.shop().directory, 'test-provider.db'))
  ledger.prepare("UPDATE objects SET state = 'captured', captured = amount WHERE id = ?").run(id)
  ledger.close()
  world.pass(SETTLED_MS)
  await send(noticeOf(order, { id, state: 'captured', captured: 4_000 }))
  await until(async () => (await read()).payment_status === 'refunded')
  assert.equal((await read()).status, 'cancelled')
  assert.deepEqual(
    (await read()).ledger.map(({ amount }: { amount: { amount: number } }) => amount.amount),
    [4_000, -4_000],
  )
  assert.equal((await objectOf(order.id)).refunded, 4_000)
  assert.deepEqual(await world.toldOf(order.id, 'ecommerce-payments'), ['payment_refunded'])
})

test('a refund that fails after it was accepted is no refund; it can be made again', async () => {
  const { order, pay, read, product_id } = await world.held()
  await pay('tok_success')
  await until(async () => (await world.stockOf(product_id)).reserved === 0)
  assert.equal((await world.staff().post(`/orders/${order.id}/refunds`, { reason: 'Late' })).status, 201)
  const beside = besideShop(world.shop(), world.now)
  assert.ok(beside.failRefund(`${order.id}:refund:1`))
  await beside.close()
  world.pass(300)
  await until(async () => (await read()).payment_status === 'paid')
  assert.equal((await read()).refunds[0].state, 'failed')
  const items = (await world.staff().get('/admin/attention')).body.items
  assert.equal(items.find((one: { order_id: string }) => one.order_id === order.id).kind, 'refund_failed')
  assert.equal((await world.staff().post(`/orders/${order.id}/refunds`, { reason: 'Again' })).status, 201)
  assert.equal((await read()).payment_status, 'refunded')
  const after = (await world.staff().get('/admin/attention')).body.items
  assert.ok(!after.some((one: { order_id: string }) => one.order_id === order.id))
})

test('API10-10 a notice that was stored before a crash is looked at after the next start', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'tradewind-webhooks-'))
  t.after(() => rmSync(directory, { recursive: true }))
  let now = Date.now()
  const options = {
    directory,
    clock: { now: () => now },
    environment: { TEST_PROVIDER_SECRET: WEBHOOK_SECRET, ACCESS_TOKEN_TTL: '1d' },
  }
  const first = await startShop(options)
  const staff = await first.asStaff()
  const lamp = { status: 'active', name: 'Lamp', price: usd(2_000), stock: 5 }
  const product_id = (await staff.post('/products', lamp)).body.id
  const ann = await first.registerCustomer()
  const order = (await ann.post('/orders', { ...CARD, items: [{ product_id, quantity: 2 }] })).body
  const { action } = (await ann.post(`/orders/${order.id}/payments`, { method: 'tok_requires_action' })).body
  const beside = besideShop(first, () => now)
  beside.inside.act(action.url.split('/').at(-1), true)
  const [object] = await beside.list(0, null, 1)
  await beside.close()
  await first.application.storage.collection(INBOX).insert({
    ...{ id: 'test:tpn_1', provider: 'test', due_at: now, tries: 0 },
    notice: { id: 'tpn_1', type: 'authorise.done', object: object! },
    ...{ created_at: new Date(now).toISOString(), updated_at: new Date(now).toISOString() },
  })
  await first.stop()
  now += 1
  const second = await startShop(options)
  t.after(() => second.stop())
  const orders = second.application.storage.collection(ORDERS)
  await until(async () => (await orders.get(order.id))!.payment_status === 'paid')
})

test('a payment that waited when the clock was put back does not wait until the clock is there again', async () => {
  const { order, pay, read } = await world.held()
  world.pass(HOUR_MS)
  assert.equal((await pay('tok_timeout')).body.state, 'processing')
  await inbox().insert({
    ...{ id: 'test:tpn_ahead', provider: 'test', due_at: world.now() + 1_000, tries: 1 },
    notice: { id: 'tpn_ahead', type: 'other' },
    ...{ created_at: order.created_at, updated_at: order.created_at },
  })
  world.pass(-HOUR_MS)
  await until(async () => (await read()).payment_status === 'paid')
  await settled()
})

// The last one: nobody is signed in after a week.
test('a notice a week late changes nothing, also when it comes twice', async () => {
  const { order, pay } = await world.held()
  assert.equal((await pay('tok_duplicate_webhook')).status, 201)
  const orders = world.shop().application.storage.collection(ORDERS)
  await until(async () => (await orders.get(order.id))!.step === 'COMMITTED')
  const before = await orders.get(order.id)
  world.pass(WEEK_MS)
  const late = noticeOf(order, { id: (await objectOf(order.id)).id })
  for (let time = 1; time <= 2; time++) assert.equal((await send(late)).status, 204)
  await settled()
  assert.deepEqual(await orders.get(order.id), before)
})

async function objectOf(order_id: string) {
  const beside = besideShop(world.shop(), world.now)
  const found = (await beside.list(0, null, 1_000)).find((object) => object.order_id === order_id)
  await beside.close()
  return found!
}
