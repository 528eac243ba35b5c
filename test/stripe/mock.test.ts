import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { askIntent, askIntents, askRefunds } from '../../src/payments/stripe/asking.ts'
import { createClient } from '../../src/payments/stripe/client.ts'
import { whyNot } from '../servers/possible.ts'
import type { Asked } from '../servers/stripe-double.ts'
import { startStripeMock, whyNotFetched } from '../servers/stripe-mock.ts'
import { made, openWorld, taken, type World } from './world.ts'

const why = whyNot('stripe-mock') ?? (await whyNotFetched())

describe("Stripe's own description of its API", { skip: why }, () => {
  it('allows every request that the shop makes', async (t) => {
    const mock = await startStripeMock()
    t.after(() => mock.stop())
    const world = await openWorld(t)
    await everything(world)
    const withoutReturn = await openWorld(t, { return_url: undefined })
    await everything(withoutReturn)
    const asked = [...world.double.asked, ...withoutReturn.double.asked]
    const kinds = asked.map(({ method, path }) => `${method} ${path.replace(/pi_\d+/, '{id}')}`)
    assert.deepEqual([...new Set(kinds)].sort(), [
      'GET /v1/payment_intents',
      'GET /v1/payment_intents/{id}',
      'GET /v1/refunds',
      'POST /v1/payment_intents',
      'POST /v1/payment_intents/{id}/cancel',
      'POST /v1/payment_intents/{id}/capture',
      'POST /v1/payment_intents/{id}/confirm',
      'POST /v1/refunds',
    ])
    for (const one of asked) assert.equal(await status(mock.url, one), 200, JSON.stringify(one))
    const [create] = asked
    assert.equal(await status(mock.url, { ...create!, form: { ...create!.form, surprise: '1' } }), 400)
  })

  it('has answers that fit what the shop reads of them', async (t) => {
    const mock = await startStripeMock()
    t.after(() => mock.stop())
    const stripe = createClient({ secret_key: 'sk_test_mock', api_url: mock.url })
    const one = await askIntent(() => stripe.paymentIntents.retrieve('pi_1', { expand: ['latest_charge'] }))
    assert.equal(one.fault, undefined, JSON.stringify(one))
    const many = await askIntents(() => stripe.paymentIntents.list({ expand: ['data.latest_charge'] }))
    assert.ok(many.answer && many.answer.data.length > 0, JSON.stringify(many))
    const refunds = await askRefunds(() => stripe.refunds.list({ payment_intent: 'pi_1' }))
    assert.ok(refunds.answer && refunds.answer.data.length > 0, JSON.stringify(refunds))
    const other = await askIntent(() => stripe.refunds.retrieve('re_1'))
    assert.equal(other.fault, 'unknown', 'something else does not fit')
  })
})

/** Each operation, and each form of it. */
async function everything(world: World): Promise<void> {
  const { provider } = world
  const one = await taken(world, 1_000)
  await provider.refund({ ...one.on('refund:1'), amount: 400 })
  const two = await made({ provider }, 1_000)
  await provider.authorise({ ...two.on('authorise:2'), method: 'pm_card_threeDSecure2Required' })
  await provider.cancel(two.on('cancel:1'))
  await provider.list(Date.now() - 1_000, two.object, 200)
  await provider.list(0, null, 3)
}

/** The same request to another server. */
async function status(url: string, { method, path, form, key, version }: Asked): Promise<number> {
  const parameters = new URLSearchParams(form)
  const answer = await fetch(method === 'GET' ? `${url}${path}?${parameters}` : `${url}${path}`, {
    method,
    headers: {
      authorization: 'Bearer sk_test_mock',
      'stripe-version': version!,
      ...(key && { 'idempotency-key': key }),
    },
    ...(method === 'POST' && { body: parameters }),
  })
  await answer.arrayBuffer()
  return answer.status
}
