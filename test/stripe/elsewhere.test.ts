import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Outcome } from '../../src/payments/provider.ts'
import { done, made, openWorld, taken, type World } from './world.ts'

test('what was taken on the pages of Stripe is not taken again, and the refusal says how much it was', async (t) => {
  const world = await openWorld(t)
  const one = await held(world)
  byHand(world, `payment_intents/${one.object.id}/capture`, { amount_to_capture: '600' })
  const capture = { ...one.on('capture:1'), amount: 1_000 }
  for (let time = 1; time <= 2; time++)
    assert.deepEqual(refusal(await world.provider.capture(capture)), ['wrong_state', 'captured', 600, 0])
  assert.deepEqual(refusal(await world.provider.cancel(one.on('cancel:1'))), [
    ...['wrong_state', 'captured', 600, 0],
  ])
})

test('what was taken there while the shop was asking is told as it stands', async (t) => {
  const world = await openWorld(t)
  const one = await held(world)
  // The shop has looked and is about to take it.
  world.double.misbehave('not')
  world.double.fail()
  const capture = { ...one.on('capture:1'), amount: 1_000 }
  assert.equal((await world.provider.capture(capture)).outcome, 'unknown')
  byHand(world, `payment_intents/${one.object.id}/capture`, {})
  assert.deepEqual(refusal(await world.provider.capture(capture)), ['wrong_state', 'captured', 1_000, 0])
})

test('what was cancelled on the pages of Stripe cannot be taken nor given back', async (t) => {
  const world = await openWorld(t)
  const one = await held(world)
  byHand(world, `payment_intents/${one.object.id}/cancel`, {})
  const capture = { ...one.on('capture:1'), amount: 1_000 }
  const refund = { ...one.on('refund:1'), amount: 1_000 }
  const expected = ['cancelled', 'cancelled', 0, 0]
  assert.deepEqual(refusal(await world.provider.capture(capture)), expected)
  assert.deepEqual(refusal(await world.provider.refund(refund)), expected)
  assert.equal(done(await world.provider.cancel(one.on('cancel:1'))).state, 'cancelled')
})

test('more than is left after a refund on the pages of Stripe is refused, with what was given back', async (t) => {
  const world = await openWorld(t)
  const { on, object } = await taken(world, 1_000)
  byHand(world, 'refunds', { payment_intent: object.id, amount: '300' })
  const refund = (number: number, amount: number) =>
    world.provider.refund({ ...on(`refund:${number}`), amount })
  assert.deepEqual(refusal(await refund(1, 1_000)), ['too_much', 'captured', 1_000, 300])
  assert.equal(done(await refund(2, 700)).refunded, 1_000)
  assert.deepEqual(refusal(await refund(3, 1)), ['too_much', 'captured', 1_000, 1_000])
  assert.deepEqual(refusal(await world.provider.cancel(on('cancel:1'))), [
    ...['wrong_state', 'captured', 1_000, 1_000],
  ])
  assert.deepEqual(refusal(await world.provider.capture({ ...on('capture:2'), amount: 1_000 })), [
    ...['wrong_state', 'captured', 1_000, 1_000],
  ])
})

test('a repeat tells how the object stands now, and not how it stood at first', async (t) => {
  const world = await openWorld(t)
  const { on, object } = await taken(world, 1_000)
  byHand(world, 'refunds', { payment_intent: object.id, amount: '300' })
  assert.equal(done(await world.provider.capture({ ...on('capture:1'), amount: 1_000 })).refunded, 300)
  const again = await world.provider.authorise({ ...on('authorise:1'), method: 'pm_card_visa' })
  assert.deepEqual([done(again).state, done(again).refunded], ['captured', 300])
})

async function held(world: World) {
  const one = await made(world, 1_000)
  done(await world.provider.authorise({ ...one.on('authorise:1'), method: 'pm_card_visa' }))
  return one
}

function byHand({ double }: World, path: string, form: Record<string, string>): void {
  assert.equal(double.account.ask('POST', `/v1/${path}`, form).status, 200)
}

/** Why it was refused, and the object that comes with it. */
function refusal(outcome: Outcome): (string | number | undefined)[] {
  assert.ok(outcome.outcome === 'refused', JSON.stringify(outcome))
  const { code, object } = outcome
  return [code, object?.state, object?.captured, object?.refunded]
}
