import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Outcome } from '../../src/payments/provider.ts'
import { done, made, openWorld, taken, told, type World } from './world.ts'

const MOST_KEYS = 10

/** The operations on an object, each on one that is ready for it, and how the double shows that it was done once. */
const OPERATIONS: [
  name: string,
  operation: string,
  ready: (world: World) => Promise<{ ask: () => Promise<Outcome>; once: () => void }>,
][] = [
  ['an authorisation', 'authorise', async (world) => authorising(world)],
  [
    'a capture',
    'capture',
    async (world) => {
      const { ask: hold, on, intent } = await authorising(world)
      done(await hold())
      return {
        ask: () => world.provider.capture({ ...on('capture:1'), amount: 1_000 }),
        once: () => assert.deepEqual([intent.status, intent.amount_received], ['succeeded', 1_000]),
      }
    },
  ],
  [
    'a cancellation',
    'cancel',
    async (world) => {
      const { ask: hold, on, intent } = await authorising(world)
      done(await hold())
      return {
        ask: () => world.provider.cancel(on('cancel:1')),
        once: () => assert.equal(intent.status, 'canceled'),
      }
    },
  ],
  [
    'a refund',
    'refund',
    async (world) => {
      const { on } = await taken(world, 1_000)
      const amounts = () => world.double.account.refunds.map(({ amount }) => amount)
      return {
        ask: () => world.provider.refund({ ...on('refund:1'), amount: 1_000 }),
        once: () => assert.deepEqual(amounts(), [1_000]),
      }
    },
  ],
]

for (const [name, operation, ready] of OPERATIONS) {
  test(`${name} that Stripe does, and answers with an error of its own, is known to be done`, async (t) => {
    const world = await openWorld(t)
    const { ask, once } = await ready(world)
    world.double.fail({ done: true })
    done(await ask())
    done(await ask())
    once()
  })

  test(`${name} that failed at Stripe, which tells so for a day, is asked for under another key`, async (t) => {
    const world = await openWorld(t)
    const { ask, once } = await ready(world)
    world.double.fail({ times: 2 })
    assert.equal(told(await ask()), 'unknown', 'it may still come to be')
    assert.equal(told(await ask()), 'unknown')
    done(await ask())
    done(await ask())
    once()
    const keys = world.double.asked
      .filter(
        ({ method, path }) =>
          method === 'POST' && path.includes(operation === 'authorise' ? 'confirm' : operation),
      )
      .map(({ key }) => key!.replace(/^ord_\d+:/, ''))
    const expected = ['1', '1:again:1', '1:again:2'].map((number) => `${operation}:${number}`)
    assert.deepEqual([...new Set(keys)], expected)
  })

  test(`of many who ask for ${name} that failed, none does it twice`, async (t) => {
    const world = await openWorld(t)
    const { ask, once } = await ready(world)
    world.double.fail()
    assert.equal(told(await ask()), 'unknown')
    world.double.fail({ done: true })
    const all = await Promise.all(Array.from({ length: 8 }, ask))
    assert.ok(
      all.every(({ outcome }) => outcome !== 'refused'),
      JSON.stringify(all),
    )
    done(await ask())
    once()
  })

  test(`${name} that fails under every key is only looked at, until Stripe has forgotten them`, async (t) => {
    const world = await openWorld(t)
    const { ask, once } = await ready(world)
    world.double.fail({ times: MOST_KEYS })
    for (let time = 0; time < MOST_KEYS; time++) assert.equal(told(await ask()), 'unknown')
    const outcome = await ask()
    assert.ok(outcome.outcome === 'unknown')
    assert.match(outcome.reason, /^Stripe answered 500 .* under 10 keys$/)
    world.double.forgetKeys()
    done(await ask())
    once()
  })
}

test('an object that could not be made is made under another key', async (t) => {
  const { provider, double } = await openWorld(t)
  const create = { key: 'ord_x:create:1', order_id: 'ord_x', amount: 1_000, currency: 'EUR' }
  double.fail()
  assert.equal(told(await provider.create(create)), 'unknown')
  const object = done(await provider.create(create))
  assert.deepEqual(done(await provider.create(create)), object)
  assert.equal(double.account.intents.length, 1)
})

test('a no that nothing explains, and that Stripe tells for a day, is not waited for', async (t) => {
  const world = await openWorld(t)
  const { provider, double } = world
  const create = { key: 'ord_y:create:1', order_id: 'ord_y', amount: 1_000, currency: 'EUR' }
  const first = await authorising(world)
  done(await first.ask())
  const second = await authorising(world)
  for (const ask of [
    () => provider.create(create),
    () => provider.capture({ ...first.on('capture:1'), amount: 1_000 }),
    () => provider.cancel(second.on('cancel:1')),
  ]) {
    double.fail({ status: 400 })
    assert.equal(told(await ask()), 'unknown')
    done(await ask())
  }
})

test('a bank that takes its time is looked at until it has answered', async (t) => {
  const { provider, double } = await openWorld(t)
  const { on, object } = await made({ provider })
  const authorise = { ...on('authorise:1'), method: 'pm_card_slow' }
  assert.equal(told(await provider.authorise(authorise)), 'unknown')
  assert.equal(told(await provider.authorise(authorise)), 'unknown')
  for (const ask of [
    () => provider.capture({ ...on('capture:1'), amount: 1_000 }),
    () => provider.cancel(on('cancel:1')),
  ])
    assert.equal(told(await ask()), 'unknown', 'nobody knows yet what there is to take or to give back')
  Object.assign(double.account.intents[0]!, { status: 'requires_capture' })
  const now = done(await provider.authorise(authorise))
  assert.deepEqual([now.id, now.state], [object.id, 'authorised'])
  assert.equal(done(await provider.cancel(on('cancel:1'))).state, 'cancelled', 'the no from before is old')
})

test('what was held is looked at when it is asked for again', async (t) => {
  const world = await openWorld(t)
  const { ask, intent } = await authorising(world)
  done(await ask())
  Object.assign(intent, { status: 'canceled' })
  assert.equal(told(await ask()), 'cancelled')
})

test('a page to which a failed answer would have sent the browser is told all the same', async (t) => {
  const { provider, double } = await openWorld(t)
  const { on } = await made({ provider })
  const authorise = { ...on('authorise:1'), method: 'pm_card_threeDSecure2Required' }
  double.fail({ done: true })
  const asked = await provider.authorise(authorise)
  assert.ok(asked.outcome === 'needs_action')
  await double.act(asked.action.url, true)
  done(await provider.authorise(authorise))
})

async function authorising(world: World) {
  const { on, object } = await made(world)
  const intent = world.double.account.intents.find(({ id }) => id === object.id)!
  return {
    ...{ on, intent },
    ask: () => world.provider.authorise({ ...on('authorise:1'), method: 'pm_card_visa' }),
    once: () => assert.equal(intent.status, 'requires_capture'),
  }
}
