import assert from 'node:assert/strict'
import { test } from 'node:test'
import { made, openWorld, taken, told } from './world.ts'

test('what a bank says is told in the words of the shop', async (t) => {
  const { provider, double } = await openWorld(t)
  const said: Record<string, string> = {}
  for (const method of [
    'pm_card_chargeDeclined',
    'pm_card_chargeDeclinedInsufficientFunds',
    'pm_card_chargeDeclinedExpiredCard',
    'pm_card_chargeDeclinedProcessingError',
    'pm_card_chargeDeclinedIncorrectCvc',
    'pm_nobody_knows',
    'tok_success',
  ]) {
    const { on } = await made({ provider })
    said[method] = told(await provider.authorise({ ...on('authorise:1'), method }))
  }
  assert.deepEqual(said, {
    pm_card_chargeDeclined: 'declined',
    pm_card_chargeDeclinedInsufficientFunds: 'insufficient_funds',
    pm_card_chargeDeclinedExpiredCard: 'expired_card',
    pm_card_chargeDeclinedProcessingError: 'declined',
    pm_card_chargeDeclinedIncorrectCvc: 'declined',
    pm_nobody_knows: 'invalid_method',
    tok_success: 'invalid_method',
  })
  assert.ok(double.account.intents.every(({ status }) => status === 'requires_payment_method'))
})

test("a card's number goes no further than the shop", async (t) => {
  const { provider, double, warnings } = await openWorld(t)
  const { on } = await made({ provider })
  for (const method of ['4242424242424242', 'pm_card_visa&amount=1', 'pm_card visa', ''])
    assert.equal(told(await provider.authorise({ ...on('authorise:1'), method })), 'invalid_method')
  assert.ok(!JSON.stringify([double.asked, warnings]).includes('4242'))
  assert.equal(double.asked.length, 1, 'the object alone was asked for')
})

test('an amount that Stripe cannot charge is refused before there is anything to charge', async (t) => {
  const { provider, double, warnings } = await openWorld(t)
  const create = (amount: number, currency: string) =>
    provider.create({ key: `${amount}${currency}`, order_id: 'ord_1', amount, currency })
  assert.equal(told(await create(1_234, 'KWD')), 'invalid_method')
  assert.equal(double.asked.length, 0)
  assert.deepEqual(warnings[0], {
    ...{ order_id: 'ord_1', amount: 1_234, currency: 'KWD' },
    why: 'Stripe has no number for it',
  })
  assert.equal(told(await create(1, 'USD')), 'invalid_method')
  assert.equal(told(await create(100_000_000, 'USD')), 'invalid_method')
  assert.equal(warnings.length, 3)
  assert.equal(double.account.intents.length, 0)
})

test('an amount stands in the order as the shop counts it, and at Stripe as Stripe does', async (t) => {
  const world = await openWorld(t)
  const { object, on } = await taken(world, 500, 'ISK')
  assert.deepEqual([object.amount, object.currency], [500, 'ISK'])
  assert.equal(told(await world.provider.refund({ ...on('refund:1'), amount: 200 })), 'done')
  const [intent] = world.double.account.intents
  assert.deepEqual(
    [intent!.amount, intent!.amount_received, intent!.latest_charge!.amount_refunded, intent!.currency],
    [50_000, 50_000, 20_000, 'isk'],
  )
  const found = (await world.provider.find(object.id))!
  assert.deepEqual([found.captured, found.refunded], [500, 200])
})

test('without an address to come back to, nobody is asked and who would have to be is refused', async (t) => {
  const { provider, double } = await openWorld(t, { return_url: undefined })
  const { on, object } = await made({ provider })
  const method = 'pm_card_threeDSecure2Required'
  assert.equal(told(await provider.authorise({ ...on('authorise:1'), method })), 'authentication_failed')
  assert.equal((await provider.find(object.id))!.state, 'new')
  assert.equal(told(await provider.authorise({ ...on('authorise:2'), method: 'pm_card_visa' })), 'done')
  const confirms = double.asked.filter(({ path }) => path.endsWith('/confirm'))
  assert.ok(confirms.every(({ form }) => form.error_on_requires_action === 'true' && !('return_url' in form)))
})

test('an action that is no address is a no', async (t) => {
  const { provider, double } = await openWorld(t)
  for (const next_action of [
    { type: 'use_stripe_sdk', use_stripe_sdk: {} },
    { type: 'redirect_to_url', redirect_to_url: { url: 'javascript:alert(1)' } },
    { type: 'redirect_to_url', redirect_to_url: { url: null } },
  ]) {
    const { on, object } = await made({ provider })
    const request = { ...on('authorise:1'), method: 'pm_card_threeDSecure2Required' }
    assert.equal(told(await provider.authorise(request)), 'needs_action')
    double.account.intents.find(({ id }) => id === object.id)!.next_action = next_action
    assert.equal(
      told(await provider.authorise(request)),
      'authentication_failed',
      JSON.stringify(next_action),
    )
  }
})

test("what others have made in the shop's account is none of its business", async (t) => {
  const world = await openWorld(t)
  const { provider, double } = world
  const mine = [(await made(world)).object.id, (await made(world)).object.id]
  const foreign = (await made(world)).object.id
  mine.push((await made(world)).object.id)
  double.account.intents.find(({ id }) => id === foreign)!.metadata = { order_id: '17' }
  assert.equal(await provider.find(foreign), undefined)
  for (const operation of [
    () => provider.capture({ key: 'a', object_id: foreign, amount: 1_000 }),
    () => provider.refund({ key: 'b', object_id: foreign, amount: 1_000 }),
  ])
    assert.equal(told(await operation()), 'unknown')
  const changed = double.asked.filter(
    ({ method, path }) => method === 'POST' && path !== '/v1/payment_intents',
  )
  assert.deepEqual(changed, [])
  const first = await provider.list(0, null, 2)
  const rest = await provider.list(0, first.at(-1)!, 2)
  assert.equal(first.length, 2)
  assert.deepEqual(
    [...first, ...rest].map(({ id }) => id),
    mine.toReversed(),
  )
})

test('more objects than Stripe gives at once come as one page', async (t) => {
  const world = await openWorld(t)
  const ids: string[] = []
  for (let n = 0; n < 130; n++) ids.push((await made(world)).object.id)
  const page = await world.provider.list(0, null, 200)
  assert.deepEqual(
    page.map(({ id }) => id),
    ids.toReversed(),
  )
})
