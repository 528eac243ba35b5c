import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { it, type TestContext } from 'node:test'
import { systemClock as clock } from '../../src/kernel/clock.ts'
import { createTestProvider } from '../../src/payments/test-provider/test-provider.ts'
import { providerContract } from './payments.ts'

const urlOf = (action: string) => `http://localhost/act/${action}`

function openProvider(t: TestContext) {
  const directory = mkdtempSync(join(tmpdir(), 'tradewind-provider-'))
  t.after(() => rmSync(directory, { recursive: true }))
  const path = join(directory, 'ledger.db')
  const open = () => createTestProvider({ path, clock, urlOf, secret: 'of the test' })
  const provider = open()
  t.after(() => provider.close())
  return { provider, open }
}

providerContract('for tests', async (t) => {
  const { provider } = openProvider(t)
  return {
    provider,
    methods: { success: 'tok_success', declined: 'tok_declined', asks: 'tok_requires_action' },
    async act(url, succeeded) {
      provider.inside.act(url.split('/').at(-1)!, succeeded)
    },
  }
})

it('the test provider does what its tokens say', async (t) => {
  const { provider } = openProvider(t)
  const outcomes: Record<string, string> = {}
  for (const method of [
    'tok_insufficient_funds',
    'tok_duplicate_webhook',
    'tok_timeout',
    'toString',
    '4242424242424242',
  ]) {
    const made = await provider.create({
      key: `create:${method}`,
      order_id: method,
      amount: 1,
      currency: 'USD',
    })
    assert.ok(made.outcome === 'done')
    const request = { key: `authorise:${method}`, object_id: made.object.id, method }
    const first = await provider.authorise(request)
    const again = await provider.authorise(request)
    const told = [first, again].map((one) => (one.outcome === 'refused' ? one.code : one.outcome))
    outcomes[method] = told.join(', ')
  }
  assert.deepEqual(outcomes, {
    tok_insufficient_funds: 'insufficient_funds, insufficient_funds',
    tok_duplicate_webhook: 'done, done',
    tok_timeout: 'unknown, done',
    toString: 'invalid_method, invalid_method',
    '4242424242424242': 'invalid_method, invalid_method',
  })
})

it('the ledger of the test provider outlives it, and a key is for one operation', async (t) => {
  const { provider, open } = openProvider(t)
  const create = { key: 'ord_1:create:1', order_id: 'ord_1', amount: 100, currency: 'USD' }
  const made = await provider.create(create)
  assert.ok(made.outcome === 'done')
  const other = open()
  t.after(() => other.close())
  assert.deepEqual(await other.create(create), made)
  await assert.rejects(other.create({ ...create, amount: 101 }), /used for another operation/)
  await assert.rejects(
    other.capture({ key: create.key, object_id: made.object.id, amount: 100 }),
    /used for another operation/,
  )
})
