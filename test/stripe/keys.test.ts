import assert from 'node:assert/strict'
import { test } from 'node:test'
import { made, openAdapter, openWorld, taken, told, type World } from './world.ts'

/** The connection ends behind what was done, as often as the adapter asks. */
const lost = { lost: true } as const
const reset = (response: { destroy(): void }) => void response.destroy()

test('API10-11 an answer that is lost leaves an operation unknown, and its repeat does it once', async (t) => {
  const world = await openWorld(t)
  const { provider, double } = world
  const create = { key: 'ord_x:create:1', order_id: 'ord_x', amount: 1_000, currency: 'EUR' }
  double.misbehave(reset, lost)
  assert.equal(told(await provider.create(create)), 'unknown')
  const again = await provider.create(create)
  assert.ok(again.outcome === 'done')
  assert.equal(double.account.intents.length, 1)

  const on = (operation: string) => ({ key: `ord_x:${operation}`, object_id: again.object.id })
  const authorise = { ...on('authorise:1'), method: 'pm_card_visa' }
  double.misbehave(reset, lost)
  assert.equal(told(await provider.authorise(authorise)), 'unknown')
  assert.equal(told(await provider.authorise(authorise)), 'done')

  const capture = { ...on('capture:1'), amount: 1_000 }
  await answeredButTheLast(world, 1)
  assert.equal(told(await provider.capture(capture)), 'unknown')
  assert.equal(told(await provider.capture(capture)), 'done')

  const refund = { ...on('refund:1'), amount: 400 }
  await answeredButTheLast(world, 2)
  assert.equal(told(await provider.refund(refund)), 'unknown')
  assert.equal(told(await provider.refund(refund)), 'done')
  assert.deepEqual(
    double.account.refunds.map(({ amount }) => amount),
    [400],
  )
})

test('a repeat is known when Stripe has forgotten its key', async (t) => {
  const world = await openWorld(t)
  const { provider, double } = world
  const { on } = await taken(world, 1_000)
  const capture = { ...on('capture:1'), amount: 1_000 }
  const refund = { ...on('refund:1'), amount: 400 }
  assert.equal(told(await provider.refund(refund)), 'done')
  double.forgetKeys()
  assert.equal(told(await provider.authorise({ ...on('authorise:1'), method: 'pm_card_visa' })), 'done')
  assert.equal(told(await provider.capture(capture)), 'done')
  assert.equal(told(await provider.capture({ ...capture, ...on('capture:2') })), 'wrong_state')
  assert.equal(told(await provider.refund(refund)), 'done')
  assert.equal(double.account.refunds.length, 1)
})

test('a key that comes with something else is never a refusal', async (t) => {
  const { provider, double } = await openWorld(t)
  const { create, on } = await made({ provider })
  assert.equal(told(await provider.create({ ...create, amount: 2_000 })), 'unknown')
  const authorise = { ...on('authorise:1'), method: 'pm_card_visa' }
  assert.equal(told(await provider.authorise(authorise)), 'done')
  const elsewhere = openAdapter({ api_url: double.url, return_url: 'https://other.example/' })
  assert.equal(told(await elsewhere.provider.authorise(authorise)), 'done', 'it looks how it stands')
})

/** The adapter looks first (`before` requests, answered as they are); what follows goes wrong. */
async function answeredButTheLast({ double }: World, before: number): Promise<void> {
  double.misbehave('not', { times: before })
  double.misbehave(reset, lost)
}
