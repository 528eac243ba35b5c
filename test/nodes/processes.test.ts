import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { Answer, Call } from '../crash/client.ts'
import { createClient } from '../crash/client.ts'
import { type Fleet, openFleet } from '../crash/fleet.ts'
import { openHistory } from '../crash/history.ts'
import { checkout, register } from '../crash/load/shopper.ts'
import { signIn } from '../crash/load/staff.ts'
import { insist, randomKey, settle, type World } from '../crash/load/world.ts'
import { openPair } from '../crash/pairs/open.ts'
import type { Pair } from '../crash/pairs/pair.ts'
import { waitForRest } from '../crash/rest.ts'
import { runCampaign } from '../crash/run.ts'
import { whyNot } from '../servers/possible.ts'
import { until } from '../support/until.ts'

const NODES = 3
const UNITS = 50
const BUYERS = 500
/** Attempts to sign in that an address has in a minute. */
const LOGINS = 20
const skip = whyNot('mongodb') ?? whyNot('kafka') ?? false

describe('three processes of the shop on one MongoDB and one Kafka, behind a balancer,', { skip }, () => {
  const directory = mkdtempSync(join(tmpdir(), 'tradewind-nodes-'))
  const history = openHistory(join(directory, 'history.jsonl'))
  let pair: Pair
  let fleet: Fleet
  let world: World

  const start = async (environment: Record<string, string> = {}) => {
    await fleet?.close()
    fleet = await openFleet({
      nodes: NODES,
      directory,
      environment: { ...pair.environment, ...environment },
      startAgain: false,
    })
    await Promise.all(fleet.ports.map((_, node) => fleet.start(node)))
    world = {
      client: fleet.client,
      stopping: () => false,
      random: Math.random,
      history,
      canaries: { password: 'engine-1843', name: 'Ada', street: 'Dorset Street 1' },
      products: [],
      seen: new Set(),
      cards: false,
      visitor_pause_ms: 0,
    }
  }
  /** Asks one node, past the balancer. */
  const ask = async (node: number, call: Call): Promise<Answer> => {
    const client = createClient(fleet.ports[node]!, { keepAlive: false })
    try {
      return await client.call(call)
    } finally {
      client.close()
    }
  }
  const askAll = (call: Call) => Promise.all(fleet.ports.map((_, node) => ask(node, call)))
  const product = async (sku: string, stock: number) => {
    const body = { name: sku, price: { amount: 100, currency: 'USD' }, status: 'active', sku, stock }
    const token = await signIn(world)
    return insist<{ id: string }>(world, { method: 'POST', path: '/products', token, key: randomKey(), body })
  }

  before(async () => {
    pair = await openPair('mongo-kafka', directory, { durable: false })
    await start()
  })
  after(async () => {
    history.close()
    await fleet?.close()
    await pair?.remove()
    rmSync(directory, { recursive: true, force: true })
  })

  test('know whoever signed in at one of them, and soon forget who signed out', async () => {
    const { token } = await register(world)
    const me = { method: 'GET', path: '/auth/me', token }
    assert.deepEqual(
      (await askAll(me)).map(({ status }) => status),
      [200, 200, 200],
    )
    assert.equal((await ask(1, { method: 'POST', path: '/auth/logout', token })).status, 204)
    await until(async () => (await askAll(me)).every(({ status }) => status === 401))
  })

  test('answer an Idempotency-Key of another node as that one did, also when all are asked at once', async () => {
    const { id } = await product('KEYS', 100)
    const { token } = await register(world)
    const order = (): Call => ({
      method: 'POST',
      path: '/orders',
      token,
      key: randomKey(),
      body: { ...checkout(world), items: [{ product_id: id, sku: 'KEYS', quantity: 1 }] },
    })
    const first = order()
    const answers = [await ask(0, first), await ask(1, first), await ask(2, first)]
    assert.deepEqual(
      answers.map(({ status }) => status),
      [201, 201, 201],
    )
    assert.deepEqual(
      answers.map(({ replayed }) => replayed),
      [false, true, true],
    )
    assert.equal(new Set(answers.map(({ text }) => text)).size, 1)

    const second = order()
    const racing = await Promise.all([second, second, second].map(askAll))
    const texts = racing.flat().map(({ status, text }) => `${status} ${text}`)
    assert.deepEqual([...new Set(texts.map((text) => text.slice(0, 3)))], ['201'])
    assert.equal(new Set(texts).size, 1)
    await waitForRest(pair.storage)
    const { orders } = await pair.storage.read()
    const own = orders.filter(({ idem }) => idem?.key === first.key || idem?.key === second.key)
    assert.equal(own.length, 2)
  })

  test(`sell ${UNITS} units to ${BUYERS} buyers ${UNITS} times`, async () => {
    const { id } = await product('RARE', UNITS)
    const body = { ...checkout(world), items: [{ product_id: id, sku: 'RARE', quantity: 1 }] }
    const results = await Promise.all(
      Array.from({ length: BUYERS }, async () => {
        const buyer = await register(world)
        const key = randomKey()
        const call = { method: 'POST', path: '/orders', token: buyer.token, key, body }
        const what = { kind: 'order' as const, principal: buyer.id, key, request: body }
        return settle(world, what, call, { giveUp: 0 })
      }),
    )
    const sold = results.filter(({ outcome }) => outcome === 'ok')
    const refused = results.filter(({ text }) => text.includes('"insufficient_stock"'))
    assert.deepEqual([sold.length, refused.length], [UNITS, BUYERS - UNITS])
    assert.deepEqual(await waitForRest(pair.storage), [])
    const { stock } = await pair.storage.read()
    const rare = stock.find(({ sku }) => sku === 'RARE')!
    assert.deepEqual([rare.sold, rare.available, rare.reserved], [UNITS, 0, 0])
    assert.deepEqual(await fleet.stop(), [0, 0, 0])
  })

  test('count attempts to sign in together, also while one of them is away', async () => {
    await start({ RATE_LIMITS: 'on' })
    const client = await fleet.client()
    const statuses: number[] = []
    for (let attempt = 0; attempt < LOGINS + 5; attempt++) {
      if (attempt === LOGINS / 2) await fleet.kill(1)
      const body = { email: `nobody-${attempt}@example.org`, password: 'a wrong one' }
      statuses.push((await client.call({ method: 'POST', path: '/auth/login', body })).status)
    }
    assert.deepEqual(
      statuses,
      Array.from({ length: LOGINS + 5 }, (_, attempt) => (attempt < LOGINS ? 401 : 429)),
    )
    await fleet.close()
  })

  test('lose, double and oversell nothing while one after the other is killed under load', async () => {
    const outcome = await runCampaign({
      pair,
      directory,
      nodes: NODES,
      kinds: ['node'],
      until: { kills: NODES },
      seed: 3,
      say: () => {},
    })
    assert.deepEqual(outcome.violations, [])
    assert.equal(outcome.kills.node, NODES)
    assert.ok(outcome.evidence.facts.orders.length > BUYERS, outcome.summary.join('; '))
  })
})
