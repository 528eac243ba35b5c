import assert from 'node:assert/strict'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { ORDERS } from '../../src/shop/orders/schema.ts'
import type { Body } from '../support/http-client.ts'
import { until } from '../support/until.ts'
import { besideShop, deliver, noticeOf, signed, WEBHOOK_SECRET } from '../support/webhooks.ts'
import { cardShop, type Held, usd } from './card-world.ts'

/** Whoever has the keys of the provider's own pages moves money beside the shop. */
const world = cardShop({ TEST_PROVIDER_SECRET: WEBHOOK_SECRET })
const MINUTE_MS = 60_000
const orders = () => world.shop().application.storage.collection(ORDERS)

async function paid(): Promise<Held> {
  const held = await world.held()
  assert.equal((await held.pay('tok_success')).status, 201)
  await atStep(held, 'COMMITTED')
  return held
}

const atStep = ({ order }: Held, step: string) =>
  until(async () => (await orders().get(order.id))!.step === step)

async function byHand(
  order: Body,
  hand: (object_id: string, beside: ReturnType<typeof besideShop>) => unknown,
) {
  const beside = besideShop(world.shop(), world.now)
  const object = (await beside.list(0, null, 1_000)).find(({ order_id }) => order_id === order.id)!
  await hand(object.id, beside)
  await beside.close()
  return object
}

const refundByHand = (order: Body, amount: number) =>
  byHand(order, (object_id, beside) => beside.refund({ key: `hand:${object_id}`, object_id, amount }))

/** As if the bank, or somebody there, had done it. */
const setObject = (order: Body, state: string, captured: number) =>
  byHand(order, (object_id) => {
    const ledger = new DatabaseSync(join(world.shop().directory, 'test-provider.db'))
    const change = 'UPDATE objects SET state = ?, captured = ? WHERE id = ?'
    ledger.prepare(change).run(state, captured, object_id)
    ledger.close()
  })

async function notify(order: Body, object: Body) {
  const body = noticeOf(order, object)
  const answer = await deliver(world.shop(), body, signed(body, { at: Math.floor(world.now() / 1_000) }))
  assert.equal(answer.status, 204)
}

const sums = async ({ read }: Held) => {
  const { status, payment_status, ledger } = await read()
  return [status, payment_status, ledger.map(({ amount }: Body) => amount.amount)]
}

const troubleOf = async ({ order }: Held) => {
  const { items } = (await world.staff().get('/admin/attention')).body
  return items.find(({ order_id }: Body) => order_id === order.id)?.kind
}

test('an order of which others gave a part back is cancelled with the rest, and each part is told once', async () => {
  const held = await paid()
  await refundByHand(held.order, 700)
  assert.equal((await held.ann.post(`/orders/${held.order.id}/cancel`, {})).status, 200)
  await atStep(held, 'REVERSED')
  assert.deepEqual(await sums(held), ['cancelled', 'refunded', [4_000, -700, -3_300]])
  assert.deepEqual(await world.stockOf(held.product_id), { available: 5, reserved: 0 })
  const told = await world.toldOf(held.order.id, 'ecommerce-payments')
  assert.deepEqual(told, ['payment_success', 'payment_refunded', 'payment_refunded'])
})

test('an order whose money others took while it waited is cancelled all the same, and the money goes back', async () => {
  const held = await world.held()
  await held.pay('tok_requires_action')
  const object = await setObject(held.order, 'captured', 4_000)
  await held.ann.post(`/orders/${held.order.id}/cancel`, {})
  await atStep(held, 'CANCELLED')
  assert.deepEqual(await world.stockOf(held.product_id), { available: 5, reserved: 0 })
  world.pass(3 * MINUTE_MS)
  await notify(held.order, { id: object.id, state: 'captured', captured: 4_000 })
  await until(async () => (await held.read()).payment_status === 'refunded')
  assert.deepEqual(await sums(held), ['cancelled', 'refunded', [4_000, -4_000]])
})

test('an order whose held money others took goes on', async () => {
  const taken = await world.held()
  const { action } = (await taken.pay('tok_requires_action')).body
  await world.act(action.url, true)
  await setObject(taken.order, 'captured', 4_000)
  await taken.pay()
  await atStep(taken, 'COMMITTED')
  assert.deepEqual(await sums(taken), ['confirmed', 'paid', [4_000]])
  assert.equal(await troubleOf(taken), 'moved_elsewhere')
})

test('an order whose hold the bank let go of can only be cancelled, and then is at once', async () => {
  const held = await world.held()
  const { id } = held.order
  const ledger = new DatabaseSync(join(world.shop().directory, 'test-provider.db'))
  ledger.exec(`CREATE TRIGGER lapse AFTER INSERT ON operations WHEN new.key = '${id}:authorise:1'
    BEGIN UPDATE objects SET state = 'cancelled' WHERE id = new.object_id; END`)
  assert.equal((await held.pay('tok_success')).status, 201)
  ledger.exec('DROP TRIGGER lapse')
  ledger.close()
  await until(async () => (await troubleOf(held)) === 'payment_stuck')
  await atStep(held, 'CONFIRMED')
  assert.equal((await held.ann.post(`/orders/${id}/cancel`, {})).status, 200)
  world.pass(MINUTE_MS)
  await atStep(held, 'CANCELLED')
  assert.deepEqual(await sums(held), ['cancelled', 'failed', []])
  assert.deepEqual(await world.stockOf(held.product_id), { available: 5, reserved: 0 })
})

test('a refund that the bank refuses while the order is undone is asked for anew, later each time', async () => {
  const held = await paid()
  const { id } = held.order
  const ledger = new DatabaseSync(join(world.shop().directory, 'test-provider.db'))
  // As far as the provider knows nothing was ever taken, until it does again.
  ledger.exec(`UPDATE objects SET state = 'authorised' WHERE order_id = '${id}'`)
  assert.equal((await held.ann.post(`/orders/${id}/cancel`, {})).status, 200)
  const refunds = async () => (await held.read()).refunds.length
  await until(async () => (await troubleOf(held)) === 'refund_failed')
  assert.equal(await refunds(), 1)
  world.pass(MINUTE_MS)
  await until(async () => (await refunds()) === 2)
  ledger.exec(`UPDATE objects SET state = 'captured' WHERE order_id = '${id}'`)
  ledger.close()
  world.pass(MINUTE_MS)
  world.pass(MINUTE_MS)
  await atStep(held, 'REVERSED')
  assert.deepEqual(await sums(held), ['cancelled', 'refunded', [4_000, -4_000]])
  assert.equal(await troubleOf(held), undefined)
})

test('a refund that fails after the order is over is for staff to decide, and for nobody else', async () => {
  const held = await paid()
  await held.ann.post(`/orders/${held.order.id}/cancel`, {})
  await atStep(held, 'REVERSED')
  const object = await byHand(held.order, (_id, beside) => beside.failRefund(`${held.order.id}:refund:1`))
  world.pass(300)
  await until(async () => (await troubleOf(held)) === 'refund_failed')
  world.pass(3 * MINUTE_MS)
  await notify(held.order, { id: object.id, state: 'captured', captured: 4_000, refunded: 0 })
  assert.deepEqual(await sums(held), ['cancelled', 'paid', [4_000]])
  const again = await world.staff().post(`/orders/${held.order.id}/refunds`, { reason: 'Another try' })
  assert.equal(again.status, 201, again.text)
  assert.deepEqual(await sums(held), ['cancelled', 'refunded', [4_000, -4_000]])
  assert.equal(await troubleOf(held), undefined)
})

test('a failed refund stays for staff when another one succeeds, and is no longer in the figures', async () => {
  const held = await paid()
  const figures = async () => {
    await world.shop().caughtUp()
    const { refunds } = (await world.staff().get('/admin/stats')).body
    return refunds.reduce((sum: number, { amount }: Body) => sum + amount, 0)
  }
  const before = await figures()
  const refund = (amount: number) =>
    world.staff().post(`/orders/${held.order.id}/refunds`, { reason: 'A part', amount: usd(amount) })
  await refund(100)
  await byHand(held.order, (_id, beside) => beside.failRefund(`${held.order.id}:refund:1`))
  world.pass(300)
  await until(async () => (await troubleOf(held)) === 'refund_failed')
  await refund(200)
  assert.equal(await troubleOf(held), 'refund_failed')
  assert.equal(await figures(), before + 200)
})

test('a return whose refund failed can be refunded again', async () => {
  const held = await paid()
  const staff = world.staff()
  for (const status of ['processing', 'shipped', 'delivered'])
    assert.equal((await staff.put(`/orders/${held.order.id}`, { status })).status, 200)
  const items = [{ product_id: held.product_id, quantity: 1 }]
  const path = `/orders/${held.order.id}/returns`
  const asked = (await held.ann.post(path, { items })).body
  const move = (state: string) => staff.put(`${path}/${asked.id}`, { state })
  for (const state of ['approved', 'received', 'refunded']) assert.equal((await move(state)).status, 200)
  await byHand(held.order, (_id, beside) => beside.failRefund(`${held.order.id}:refund:1`))
  world.pass(300)
  await until(async () => (await held.read()).returns[0].state === 'received')
  const again = await move('refunded')
  assert.deepEqual([again.status, again.body.state], [200, 'refunded'])
  assert.deepEqual(await sums(held), ['delivered', 'partially_refunded', [4_000, -2_000]])
})

test('an order that tells of more than its provider has is for a human', async () => {
  const held = await paid()
  const object = await setObject(held.order, 'captured', 3_000)
  world.pass(3 * MINUTE_MS)
  await notify(held.order, { id: object.id, refunded: 1 })
  await until(async () => (await troubleOf(held)) === 'payment_mismatch')
})
