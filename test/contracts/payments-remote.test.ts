import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { it, type TestContext } from 'node:test'
import { systemClock as clock } from '../../src/kernel/clock.ts'
import { type Faults, NO_FAULTS } from '../../src/payments/test-provider/faults.ts'
import { reachTestProvider } from '../../src/payments/test-provider/remote-provider.ts'
import { createTestProviderServer } from '../../src/payments/test-provider/server.ts'
import { createTestProvider } from '../../src/payments/test-provider/test-provider.ts'
import { providerContract } from './payments.ts'

const secret = 'of this test alone'

async function openRemote(t: TestContext, faults: Partial<Faults> = {}) {
  const directory = mkdtempSync(join(tmpdir(), 'tradewind-remote-'))
  t.after(() => rmSync(directory, { recursive: true }))
  let own_url = ''
  const path = join(directory, 'ledger.db')
  const inner = createTestProvider({ path, clock, secret, urlOf: (action) => `${own_url}/actions/${action}` })
  const server = createTestProviderServer({ provider: inner, secret, faults: { ...NO_FAULTS, ...faults } })
  own_url = await server.listen({ host: '127.0.0.1', port: 0 })
  t.after(async () => {
    await server.close()
    await inner.close()
  })
  return { url: own_url, inner, provider: reachTestProvider({ url: own_url, secret, clock }) }
}

providerContract('for tests, in a process of its own', async (t) => {
  const { provider } = await openRemote(t)
  return {
    provider,
    methods: { success: 'tok_success', declined: 'tok_declined', asks: 'tok_requires_action' },
    async act(url, succeed) {
      await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ succeed }),
      })
    },
  }
})

const create = { key: 'ord_1:create:1', order_id: 'ord_1', amount: 100, currency: 'EUR' }

it('a test provider takes orders from its shop only', async (t) => {
  const { url, inner } = await openRemote(t)
  const stranger = reachTestProvider({ url, secret: 'somebody else is here', clock })
  await assert.rejects(stranger.create(create), /answers 401/)
  assert.deepEqual(await inner.list(0, null, 10), [])
})

it('a test provider loses calls until it is told to do so no more, and then cuts them off', async (t) => {
  const { url, provider, inner } = await openRemote(t, { lost_after: 1 })
  const lost = provider.create(create)
  const cutOff = assert.rejects(lost)
  while ((await inner.list(0, null, 1)).length === 0) await new Promise((resolve) => setTimeout(resolve, 10))
  const put = (token: string) =>
    fetch(`${url}/faults`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: '{"lost_after":0}',
    })
  assert.equal((await put('somebody else is here')).status, 401)
  assert.equal((await put(secret)).status, 204)
  await cutOff
  assert.equal((await provider.create(create)).outcome, 'done')
})

it('a test provider breaks on purpose, sometimes after it did what was asked', async (t) => {
  const { provider, inner } = await openRemote(t, { broken: 1 })
  let broken = 0
  for (let n = 0; n < 40; n++)
    await provider.create({ ...create, key: `ord_${n}:create:1`, order_id: `ord_${n}` }).catch(() => broken++)
  assert.equal(broken, 40)
  const made = (await inner.list(0, null, 100)).length
  assert.ok(made > 0 && made < 40, `${made} of 40 were made`)
})
