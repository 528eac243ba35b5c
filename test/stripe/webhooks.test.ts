import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Stripe } from 'stripe'
import type { Heard } from '../../src/payments/provider.ts'
import { openAdapter, PREVIOUS_WEBHOOK_SECRET, WEBHOOK_SECRET } from './world.ts'

const NOW = 1_790_000_000_000
const metadata = { made_by: 'tradewind', order_id: 'ord_1' }
const intent = { id: 'pi_1', object: 'payment_intent', amount: 1_000, currency: 'eur', metadata }
const { provider } = openAdapter({ clock: { now: () => NOW } })

function eventOf(type: string, object: object, livemode = false): string {
  return JSON.stringify({ id: 'evt_1', object: 'event', livemode, type, data: { object } }, null, 2)
}

const EVENT = eventOf('payment_intent.succeeded', intent)

/** As Stripe signs it, so many seconds after (or before) now. */
function signed(payload: string, secret = WEBHOOK_SECRET, after_seconds = 0): string {
  const timestamp = NOW / 1_000 + after_seconds
  return Stripe.webhooks.generateTestHeaderString({ payload, secret, timestamp })
}

function hear(payload: string | Buffer, header: string | string[] | undefined, by = provider): string {
  return outcomeOf(by.hear({ body: Buffer.from(payload), headers: { 'stripe-signature': header } }))
}

function outcomeOf(heard: Heard): string {
  return 'refused' in heard ? heard.refused : 'heard'
}

test("API10-01 only what is signed with the endpoint's secret is believed", () => {
  assert.equal(hear(EVENT, signed(EVENT)), 'heard')
  assert.equal(hear(EVENT, undefined), 'unsigned')
  assert.equal(hear(EVENT, ''), 'unsigned')
  const wrong = [
    signed(EVENT, 'whsec_of_another_endpoint'),
    signed(EVENT).replace('v1=', 'v0='),
    signed(EVENT).replace(/v1=.*/, ''),
    signed(EVENT).replace(/v1=.*/, 'v1='),
    signed(EVENT).replace(/v1=(..)/, 'v1=00'),
    signed(EVENT).slice(0, -1),
    signed(EVENT).replace(/^t=\d+,/, ''),
    signed(EVENT).replace(/^t=/, 't=1,t='),
    signed(EVENT).replace(/^t=(\d+),/, 't=$1,t=$1,'),
    `${signed(EVENT)},t`,
    signed(EVENT).replace(/^t=(\d+),/, 't=$1=0,'),
    'nonsense',
    `t=${NOW / 1_000}`,
    '__proto__=1,constructor=2',
  ]
  for (const header of wrong) assert.equal(hear(EVENT, header), 'wrong_signature', header)
  assert.equal(hear(EVENT, [signed(EVENT), signed(EVENT)]), 'wrong_signature')
  assert.equal(hear('', signed('')), 'wrong_signature')
})

test('API10-02 what was signed too long ago, or ahead of time, is refused', () => {
  for (const after of [-300, -299, 0, 299, 300])
    assert.equal(hear(EVENT, signed(EVENT, WEBHOOK_SECRET, after)), 'heard', `${after} s`)
  for (const after of [-301, 301, -86_400, 86_400])
    assert.equal(hear(EVENT, signed(EVENT, WEBHOOK_SECRET, after)), 'stale', `${after} s`)
  const replayed = signed(EVENT, WEBHOOK_SECRET, -301).replace(/^t=\d+/, `t=${NOW / 1_000}`)
  assert.equal(hear(EVENT, replayed), 'wrong_signature', 'the time is signed too')
})

test('API10-03 one byte more or less, and the same content written anew, are refused', () => {
  const header = signed(EVENT)
  const bytes = Buffer.from(EVENT)
  for (let place = 0; place < bytes.length; place++) {
    const changed = Buffer.from(bytes)
    changed[place]! ^= 1
    assert.equal(hear(changed, header), 'wrong_signature', `byte ${place}`)
  }
  assert.equal(hear(JSON.stringify(JSON.parse(EVENT)), header), 'wrong_signature')
  assert.equal(hear(`${EVENT}\n`, header), 'wrong_signature')
  assert.equal(hear(`\uFEFF${EVENT}`, header), 'wrong_signature')
  // Bytes that are no text are not taken for the mark that stands for them.
  const marked = EVENT.replace('ord_1', 'ord_\uFFFD')
  assert.equal(hear(marked, signed(marked)), 'heard')
  const broken = Buffer.from(marked.replace('\uFFFD', '\xFF'), 'latin1')
  assert.equal(hear(broken, signed(marked)), 'wrong_signature')
})

test('API10-04 while the secret is rotated, either signature will do', () => {
  const [time, current] = signed(EVENT).split(',')
  const previous = signed(EVENT, PREVIOUS_WEBHOOK_SECRET).split(',')[1]
  const other = signed(EVENT, 'whsec_other').split(',')[1]
  assert.equal(hear(EVENT, `${time},${previous}`), 'heard')
  for (const pair of [`${other},${current}`, `${current},${other}`, `${other},${previous}`])
    assert.equal(hear(EVENT, `${time},${pair}`), 'heard')
  assert.equal(hear(EVENT, `${time},${other},${other}`), 'wrong_signature')
  const rotated = openAdapter({ clock: { now: () => NOW }, webhook_secrets: [WEBHOOK_SECRET] }).provider
  assert.equal(hear(EVENT, `${time},${previous}`, rotated), 'wrong_signature')
})

test('API10-09 the test mode tells a live shop nothing, nor the live mode a test', () => {
  const live = eventOf('payment_intent.succeeded', intent, true)
  assert.equal(hear(live, signed(live)), 'wrong_mode')
  for (const secret_key of ['sk_live_1', 'rk_live_1']) {
    const shop = openAdapter({ clock: { now: () => NOW }, secret_key }).provider
    assert.equal(hear(live, signed(live), shop), 'heard')
    assert.equal(hear(EVENT, signed(EVENT), shop), 'wrong_mode')
  }
})

test('a signed text that is no event is malformed', () => {
  for (const payload of ['{', 'null', '[]', '{}', '{"id":1}', EVENT.replace('"event"', '"v2.core.event"')])
    assert.equal(hear(payload, signed(payload)), 'malformed', payload)
})

test('a notice names what it tells of, in the units of the shop', () => {
  const noticeOf = (type: string, object: object) => {
    const payload = eventOf(type, object)
    const heard = provider.hear({
      body: Buffer.from(payload),
      headers: { 'stripe-signature': signed(payload) },
    })
    assert.ok('notice' in heard, JSON.stringify(heard))
    const { id, type: told, ...notice } = heard.notice
    assert.deepEqual([id, told], ['evt_1', type])
    return notice
  }
  const whole = { object: { id: 'pi_1', order_id: 'ord_1', amount: 1_000, currency: 'EUR' } }
  assert.deepEqual(noticeOf('payment_intent.succeeded', intent), whole)
  const charge = { ...intent, id: 'ch_1', object: 'charge', payment_intent: 'pi_1' }
  assert.deepEqual(noticeOf('charge.succeeded', charge), whole)
  const partly = { ...charge, amount_captured: 1_000, amount_refunded: 300 }
  const moved = { object: { ...whole.object, captured: 1_000, refunded: 300 } }
  assert.deepEqual(noticeOf('charge.refunded', partly), moved)
  const krona = { ...intent, amount: 50_000, currency: 'isk' }
  assert.deepEqual(noticeOf('payment_intent.canceled', krona).object?.amount, 500)
  const refund = {
    ...{ id: 're_1', object: 'refund', payment_intent: 'pi_1', amount: 400, currency: 'eur' },
    ...{ status: 'failed', metadata: { ...metadata, key: 'ord_1:refund:1' } },
  }
  const failed = { object: { id: 'pi_1', order_id: 'ord_1' }, failed_refund: 'ord_1:refund:1' }
  assert.deepEqual(noticeOf('refund.failed', refund), failed)
  assert.deepEqual(noticeOf('charge.refund.updated', refund), failed)
  const canceled = { ...refund, status: 'canceled' }
  assert.deepEqual(noticeOf('charge.refund.updated', canceled), failed, 'as the adapter takes it')
  const through = { ...refund, status: 'succeeded' }
  assert.deepEqual(noticeOf('charge.refund.updated', through), { object: failed.object })
  for (const [type, object] of [
    ['customer.created', { id: 'cus_1', object: 'customer' }],
    ['payment_intent.succeeded', { ...intent, metadata: { order_id: 'ord_1' } }],
    ['charge.succeeded', { ...charge, payment_intent: null }],
    ['payment_intent.succeeded', { ...intent, amount: '1000' }],
    ['refund.failed', { ...refund, metadata: {} }],
  ] as const)
    assert.deepEqual(noticeOf(type, object), {}, `${type} ${JSON.stringify(object)}`)
})
