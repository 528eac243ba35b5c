import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openWorld, taken, told, type World } from './world.ts'

test('a refund that came to nothing since is told as refused', async (t) => {
  for (const status of ['failed', 'canceled']) {
    const world = await openWorld(t)
    const { provider, double } = world
    const { on } = await taken(world, 1_000)
    const refund = { ...on('refund:1'), amount: 400 }
    assert.equal(told(await provider.refund(refund)), 'done')
    double.account.refunds[0]!.status = status
    assert.equal(told(await provider.refund(refund)), 'declined', status)
  }
})

test('a refund that Stripe will not make is refused, so that later ones need not wait, and the log says why', async (t) => {
  for (const [status, type, code, told_as] of [
    [400, 'invalid_request_error', 'charge_disputed', 'declined'],
    [400, 'invalid_request_error', 'refund_disputed_payment', 'declined'],
    [400, 'invalid_request_error', 'charge_not_refundable', 'declined'],
    [400, 'invalid_request_error', 'charge_already_refunded', 'too_much'],
    [400, 'invalid_request_error', 'of_next_year', 'declined'],
    [404, 'invalid_request_error', 'resource_missing', 'declined'],
    [402, 'card_error', 'card_declined', 'declined'],
  ] as const) {
    const world = await openWorld(t)
    const { object, on } = await taken(world, 1_000)
    refuse(world, status, { type, code })
    const outcome = await world.provider.refund({ ...on('refund:1'), amount: 400 })
    assert.equal(told(outcome), told_as, code)
    assert.ok(outcome.outcome === 'refused')
    assert.deepEqual([outcome.object?.captured, outcome.object?.refunded], [1_000, 0], code)
    const reason = `Stripe answered ${status} (${code})`
    assert.deepEqual(world.warnings, [{ order_id: object.order_id, reason }])
    assert.equal(told(await world.provider.refund({ ...on('refund:2'), amount: 1_000 })), 'done', code)
  }
})

test('a balance at Stripe that does not suffice is no refusal: it may tomorrow', async (t) => {
  const world = await openWorld(t)
  const { on } = await taken(world, 1_000)
  const refund = { ...on('refund:1'), amount: 400 }
  refuse(world, 400, { type: 'invalid_request_error', code: 'balance_insufficient' })
  assert.deepEqual(await world.provider.refund(refund), {
    outcome: 'unknown',
    reason: 'the balance at Stripe is too low; Stripe answered 400 (balance_insufficient)',
  })
  assert.equal(told(await world.provider.refund(refund)), 'done')
})

test('a refund that is told as refused was not made: one that is there counts', async (t) => {
  const world = await openWorld(t)
  const { on } = await taken(world, 1_000)
  refuse(world, 400, { type: 'invalid_request_error', code: 'charge_not_refundable' }, { lost: true })
  assert.equal(told(await world.provider.refund({ ...on('refund:1'), amount: 400 })), 'done')
  assert.equal(world.double.account.refunds.length, 1)
})

test('where there are more refunds than can be looked through, none is made that may be among them', async (t) => {
  const world = await openWorld(t)
  const { object, on } = await taken(world, 1_000)
  for (let n = 0; n < 101; n++)
    world.double.account.ask('POST', '/v1/refunds', { payment_intent: object.id, amount: '1' })
  assert.equal(told(await world.provider.refund({ ...on('refund:1'), amount: 400 })), 'unknown')
  assert.equal(world.double.account.refunds.length, 101)
})

/** Both looks come before it. */
function refuse({ double }: World, status: number, error: object, options?: { lost: boolean }): void {
  double.misbehave('not', { times: 2 })
  double.misbehave((response) => {
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ error }))
  }, options)
}
