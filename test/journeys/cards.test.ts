import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PaymentFailed, PaymentRefunded, PaymentSuccess } from '../../src/shop/orders/events-schema.ts'
import type { Body } from '../support/http-client.ts'
import { until } from '../support/until.ts'
import { CARD, cardShop, usd } from './card-world.ts'

const HOLD_MS = 30 * 60_000

const { held, stockOf, toldOf, act, pass, now, staff } = cardShop()

test('an order by card is held, paid, taken and sold; the order shows the money', async () => {
  const { order, product_id, pay, read, again: placeAgain } = await held()
  assert.deepEqual([order.status, order.payment_status], ['pending', 'unpaid'])
  assert.deepEqual(await stockOf(product_id), { available: 3, reserved: 2 })
  assert.equal(order.expires_at, new Date(now() + HOLD_MS).toISOString())
  assert.equal((await read()).expires_at, order.expires_at)
  const paid = await pay('tok_success', 'pay-1')
  assert.equal(paid.status, 201, paid.text)
  assert.deepEqual([paid.body.state, paid.body.amount, paid.body.code], ['succeeded', usd(4_000), null])
  const shown = await read()
  assert.deepEqual([shown.payment_status, shown.ledger.length, shown.payments], ['paid', 1, [paid.body]])
  const again = await pay('tok_success', 'pay-1')
  assert.deepEqual(again.body, paid.body)

  await until(async () => JSON.stringify(await stockOf(product_id)) === '{"available":3,"reserved":0}')
  const after = await read()
  assert.deepEqual([after.status, after.expires_at], ['confirmed', null])
  assert.deepEqual((await placeAgain()).body, order)
  assert.deepEqual(after.ledger, [{ kind: 'capture', amount: usd(4_000), at: after.ledger[0].at }])
  assert.deepEqual(after.payments, [paid.body])
  // Confirmed, and then paid.
  const told = ['order_created', 'order_updated', 'order_updated']
  assert.deepEqual(await toldOf(order.id, 'ecommerce-orders'), told)
  assert.deepEqual(await toldOf(order.id, 'ecommerce-payments'), [PaymentSuccess.type])
  const twice = await pay('tok_success')
  assert.deepEqual([twice.status, twice.body.code], [409, 'not_payable'])
})

test('a refused card leaves the order for another one', async () => {
  const { order, pay, read } = await held()
  const no = await pay('tok_insufficient_funds', 'pay-1')
  assert.deepEqual([no.status, no.body.code], [422, 'payment_declined'])
  assert.deepEqual([no.body.payment.state, no.body.payment.code], ['failed', 'insufficient_funds'])
  assert.equal((await read()).payment_status, 'failed')
  assert.equal((await pay('tok_insufficient_funds', 'pay-1')).body.payment.id, no.body.payment.id)
  assert.equal((await pay('tok_declined')).body.payment.code, 'declined')
  assert.equal((await pay('tok_of_another_provider')).body.payment.code, 'invalid_method')
  assert.equal((await pay('tok_success')).status, 201)
  await until(async () => (await read()).payment_status === 'paid')
  assert.deepEqual(
    (await read()).payments.map(({ state }: Body) => state),
    ['failed', 'failed', 'failed', 'succeeded'],
  )
  assert.deepEqual(await toldOf(order.id, 'ecommerce-payments'), [
    ...Array(3).fill(PaymentFailed.type),
    PaymentSuccess.type,
  ])
})

test('where the browser has to act, the payment waits for it', async () => {
  for (const succeed of [true, false]) {
    const { ann, pay, read } = await held()
    const { status, body } = await pay('tok_requires_action')
    assert.deepEqual([status, body.state, body.action.kind], [201, 'requires_action', 'redirect'])
    assert.equal((await pay()).body.state, 'requires_action')
    const acted = await act(body.action.url, succeed)
    assert.equal(acted, 204)
    const after = await pay()
    if (succeed) {
      assert.deepEqual([after.status, after.body.state, after.body.id], [201, 'succeeded', body.id])
      await until(async () => (await read()).payment_status === 'paid')
    } else {
      assert.deepEqual([after.status, after.body.payment.code], [422, 'authentication_failed'])
      assert.equal((await pay('tok_success')).status, 201)
    }
    assert.equal((await ann.get(`/orders/${body.order_id}/payments/${body.id}`)).status, 200)
  }
})

test('a provider that does not answer is asked again, and nobody pays twice', async () => {
  const { order, pay, read } = await held()
  const { status, body } = await pay('tok_timeout')
  assert.deepEqual([status, body.state], [201, 'processing'])
  const other = await pay('tok_success', 'pay-2')
  assert.deepEqual([other.status, other.body.code], [409, 'payment_in_progress'])
  assert.equal(other.headers.get('retry-after'), '1')
  pass(10_000)
  await until(async () => (await read()).payment_status === 'paid')
  assert.equal((await pay()).body.state, 'succeeded')
  assert.equal((await pay('tok_success', 'pay-2')).body.code, 'not_payable', 'nothing was kept under its key')
  assert.equal((await read()).ledger.length, 1)
  assert.deepEqual(await toldOf(order.id, 'ecommerce-payments'), [PaymentSuccess.type])
})

test('what is not paid in time is cancelled, its stock put back, and a late yes refused', async () => {
  const { product_id, pay, read } = await held()
  const { body } = await pay('tok_requires_action')
  pass(HOLD_MS + 1_000)
  await until(async () => (await read()).status === 'cancelled')
  assert.deepEqual(await stockOf(product_id), { available: 5, reserved: 0 })
  await act(body.action.url, true)
  const late = await pay('tok_success')
  assert.deepEqual([late.status, late.body.code], [409, 'not_payable'])
  assert.deepEqual((await read()).ledger, [])
})

test("a card's number is refused and left nowhere", async () => {
  const { pay, read, order } = await held()
  for (const number of ['4242424242424242', '3782-822463-10005']) {
    const refused = await pay(number)
    assert.deepEqual([refused.status, refused.body.code], [422, 'card_number'])
    assert.ok(!refused.text.includes(number))
  }
  const { payments, status } = await read()
  assert.deepEqual([payments, status], [[], order.status])
})

test('an order that was paid is cancelled with the money given back', async () => {
  const { ann, order, product_id, pay, read } = await held()
  await pay('tok_success')
  const cancelled = await ann.post(`/orders/${order.id}/cancel`, {})
  assert.equal(cancelled.status, 200, cancelled.text)
  await until(async () => (await read()).payment_status === 'refunded')
  const { status, ledger } = await read()
  assert.equal(status, 'cancelled')
  assert.deepEqual(
    ledger.map(({ kind, amount }: Body) => [kind, amount.amount]),
    [
      ['capture', 4_000],
      ['refund', -4_000],
    ],
  )
  assert.deepEqual(await stockOf(product_id), { available: 5, reserved: 0 })
  assert.deepEqual(await toldOf(order.id, 'ecommerce-payments'), [PaymentSuccess.type, PaymentRefunded.type])
})

test('a held order that is cancelled costs nothing, and a payment needs an order that waits for one', async () => {
  const { ann, order, product_id, pay, read } = await held()
  const missing = await pay()
  assert.deepEqual([missing.status, missing.body.code], [422, 'method_required'])
  assert.equal((await ann.post(`/orders/${order.id}/cancel`, {})).status, 200)
  assert.equal((await read()).status, 'cancelled')
  assert.deepEqual(await stockOf(product_id), { available: 5, reserved: 0 })
  assert.equal((await pay('tok_success')).status, 409)
  const unknown = await held()
  assert.equal((await unknown.pay('tok_timeout')).body.state, 'processing')
  assert.equal((await unknown.ann.post(`/orders/${unknown.order.id}/cancel`, {})).status, 200)
  const { payments, payment_status, ledger } = await unknown.read()
  assert.deepEqual(
    [payments[0].state, payments[0].code, payment_status, ledger],
    ['failed', 'cancelled', 'failed', []],
  )
  const cash = { ...CARD, payment_method: 'cash_on_delivery', items: [{ product_id, quantity: 1 }] }
  const { body } = await ann.post('/orders', cash)
  assert.equal(
    (await ann.post(`/orders/${body.id}/payments`, { method: 'tok_success' })).body.code,
    'not_payable',
  )
})

test('API1-14 a payment is found below its own order only, by its owner and staff', async () => {
  const [mine, other] = [await held(), await held()]
  const { body } = await mine.pay('tok_success')
  const path = `/orders/${mine.order.id}/payments/${body.id}`
  assert.equal((await mine.ann.get(path)).status, 200)
  assert.equal((await staff().get(path)).status, 200)
  assert.equal((await other.ann.get(path)).status, 404)
  assert.equal((await other.ann.get(`/orders/${other.order.id}/payments/${body.id}`)).status, 404)
  assert.equal(
    (await other.ann.post(`/orders/${mine.order.id}/payments`, { method: 'tok_success' })).status,
    404,
  )
})
