import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Body } from '../support/http-client.ts'
import { startShop } from '../support/shop.ts'
import { until } from '../support/until.ts'
import { CARD, cardShop, usd } from './card-world.ts'

const { held, act, pass } = cardShop()

test('one order paid by many at once is charged once', async () => {
  const { pay, read } = await held()
  const answers = await Promise.all(Array.from({ length: 20 }, () => pay('tok_success')))
  assert.ok(answers.some(({ status }) => status === 201))
  assert.ok(answers.every(({ status }) => [201, 409, 503].includes(status)))
  await until(async () => (await read()).payment_status === 'paid')
  const { ledger, payments } = await read()
  assert.equal(ledger.length, 1)
  assert.equal(payments.length, 1)
})

test('who goes back and takes another card has paid, whichever of the tries succeeds', async () => {
  const { pay, read } = await held()
  const asked = (await pay('tok_requires_action')).body
  assert.equal((await pay('tok_declined')).status, 422)
  await act(asked.action.url, true)
  // Nobody asks the shop again: it looks by itself.
  pass(16_000)
  await until(async () => (await read()).payment_status === 'paid')
  const twice = await held()
  const first = (await twice.pay('tok_requires_action')).body
  assert.equal((await twice.pay('tok_requires_action')).body.state, 'requires_action')
  await act(first.action.url, true)
  assert.equal((await twice.pay()).body.state, 'succeeded')
  await until(async () => (await twice.read()).payment_status === 'paid')
  const states = (await twice.read()).payments.map(({ state }: Body) => state)
  assert.deepEqual(states.sort(), ['failed', 'succeeded'])
})

test('a no in the browser is that of its own try; the other one goes on', async () => {
  const { pay, read } = await held()
  const first = (await pay('tok_requires_action')).body
  const second = (await pay('tok_requires_action')).body
  await act(first.action.url, false)
  assert.equal((await pay()).status, 201)
  const states = (await read()).payments.map(({ state }: Body) => state)
  assert.deepEqual(states, ['failed', 'requires_action'])
  await act(second.action.url, true)
  pass(16_000)
  await until(async () => (await read()).payment_status === 'paid')
})

test('API6-02 a customer holds three unpaid orders at most; paid ones and those by cash do not count', async () => {
  const limited = await startShop({ environment: { RATE_LIMITS: 'on' } })
  try {
    const root = await limited.asSuper()
    const fields = { status: 'active', name: 'Lamp', price: usd(2_000), stock: 50 }
    const product_id = (await root.post('/products', fields)).body.id
    const ann = await limited.registerCustomer()
    const order = (payment_method: string) =>
      ann.post('/orders', { ...CARD, payment_method, items: [{ product_id, quantity: 1 }] })
    for (const method of ['cash_on_delivery', 'card', 'card', 'card'])
      assert.equal((await order(method)).status, 201)
    const fourth = await order('card')
    assert.deepEqual([fourth.status, fourth.body.code], [429, 'too_many_unpaid'])
    const free_at = Date.now() + Number(fourth.headers.get('retry-after')) * 1_000
    const held = (await ann.get('/orders')).body.items.filter(({ expires_at }: Body) => expires_at)
    const first = Math.min(...held.map(({ expires_at }: Body) => Date.parse(expires_at)))
    assert.ok(first <= free_at && free_at < first + 60_000, 'it passes when the first is held no longer')
    assert.equal((await order('cash_on_delivery')).status, 201)
    const { items } = (await ann.get('/orders')).body
    const waiting = items.find(({ status }: Body) => status === 'pending')
    assert.equal((await ann.post(`/orders/${waiting.id}/cancel`, {})).status, 200)
    assert.equal((await order('card')).status, 201)
  } finally {
    await limited.stop()
  }
})
