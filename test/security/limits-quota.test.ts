import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { Type } from 'typebox'
import { createOverload } from '../../src/http/overload.ts'
import { createQuota } from '../../src/http/quota.ts'
import { QUOTAS } from '../../src/http/quota-table.ts'
import type { Client } from '../support/http-client.ts'
import { type Served, type ServeOptions, serve } from '../support/http-server.ts'

const nothing = { 200: Type.Object({}) }
const events = Type.Array(Type.Object({ type: Type.String() }, { additionalProperties: false }), {
  maxItems: 500,
})

const routes: ServeOptions['routes'] = (app) => {
  app.get('/things', { config: { access: 'anyone' }, schema: { response: nothing } }, async () => ({}))
  app.post(
    '/sign-up',
    { config: { access: 'anyone', bucket: 'register' }, schema: { response: nothing } },
    async () => ({}),
  )
  app.post(
    '/orders',
    { config: { access: 'user', bucket: 'orders' }, schema: { response: nothing } },
    async () => ({}),
  )
  const config = { access: 'anyone', bucket: 'events', acceptsBeacons: true } as const
  app.post('/events', { config, schema: { body: events, response: nothing } }, async () => ({}))
}

let served: Served
let now = Date.now()
before(async () => {
  const config = { RATE_LIMITS: true, TRUST_PROXY: true }
  served = await serve({ routes, config, clock: { now: () => now } })
})
after(() => served.close())

const from = (address: string) => ({ 'x-forwarded-for': address })

async function statuses(client: Client, count: number, headers: (index: number) => Record<string, string>) {
  const answers = []
  for (let index = 0; index < count; index++)
    answers.push((await client.post('/sign-up', undefined, headers(index))).status)
  return answers
}

test('API4-12 the sixth sign-up from one address within an hour is turned away', async () => {
  assert.deepEqual(await statuses(served.client, 6, () => from('192.0.2.1')), [200, 200, 200, 200, 200, 429])
  const answer = await served.client.post('/sign-up', undefined, from('192.0.2.1'))
  assert.equal(answer.body.code, 'rate_limited')
  assert.equal(answer.headers.get('ratelimit-policy'), '"register";q=5;w=3600')
  assert.equal(answer.headers.get('ratelimit'), `"register";r=0;t=${answer.headers.get('retry-after')}`)
  now += 3_600_001
  assert.deepEqual(await statuses(served.client, 1, () => from('192.0.2.1')), [200])
})

test('API4-13 more events than the quota holds are turned away before they are looked at', async () => {
  const batch = Array.from({ length: 500 }, () => ({ type: 'page_view' }))
  assert.equal(
    (await served.client.post('/events', [...batch, { type: 'one_more' }], from('192.0.2.2'))).status,
    422,
  )
  const full = QUOTAS.events.address!.limit / 500
  for (let index = 1; index < full; index++)
    assert.equal((await served.client.post('/events', batch, from('192.0.2.3'))).status, 200)
  assert.equal((await served.client.post('/events', batch.slice(0, 400), from('192.0.2.3'))).status, 200)
  const answer = await served.client.post('/events', batch, from('192.0.2.3'))
  assert.equal(answer.status, 429)
  assert.ok(Number(answer.headers.get('retry-after')) > 0)
})

test('API4-16 what a client says of its own address does not count, only what the trusted proxy saw', async () => {
  const spoofed = (index: number) => from(`198.51.100.${index}, 192.0.2.4`)
  assert.equal((await statuses(served.client, 6, spoofed)).at(-1), 429)
  const direct = await serve({ routes, config: { RATE_LIMITS: true, TRUST_PROXY: false } })
  assert.equal((await statuses(direct.client, 6, (index) => from(`198.51.100.${index}`))).at(-1), 429)
  await direct.close()
})

test('API4-17 the addresses of one IPv6 /64 share a quota, those of another do not', async () => {
  const household = (index: number) => from(`2001:db8:1:2:${index.toString(16)}::${index}`)
  assert.equal((await statuses(served.client, 6, household)).at(-1), 429)
  assert.deepEqual(await statuses(served.client, 1, () => from('2001:db8:1:3::1')), [200])
})

test('API4-18 who is blocked stays blocked however many others come', () => {
  const quota = createQuota({ name: 'x', limit: 2, window_seconds: 60, max_keys: 5_000 })
  for (let used = 0; used < 3; used++) quota.take('blocked', 1, 0)
  for (let index = 0; index < 20_000; index++) quota.take(`other-${index}`, 1, 1_000)
  assert.equal(quota.take('blocked', 1, 2_000).allowed, false)
  assert.equal(quota.take('new', 1, 2_000).allowed, false, 'behind a full table new keys share one window')
  assert.equal(quota.take('new', 1, 62_000).allowed, true)
})

test('API4-19 quotas of addresses are counted by each process and begin anew with it, as documented', async () => {
  const restarted = await serve({
    routes,
    config: { RATE_LIMITS: true, TRUST_PROXY: true },
    clock: { now: () => now },
  })
  assert.deepEqual(await statuses(served.client, 6, () => from('192.0.2.40')), [200, 200, 200, 200, 200, 429])
  assert.deepEqual(await statuses(restarted.client, 1, () => from('192.0.2.40')), [200])
  await restarted.close()
})

test('a user has a quota of their own, whatever the address', async () => {
  const client = served.as('customer')
  for (let index = 0; index < 10; index++)
    assert.equal((await client.post('/orders', undefined, from(`203.0.113.${index}`))).status, 200)
  assert.equal((await client.post('/orders', undefined, from('203.0.113.99'))).status, 429)
})

test('API4-04 a gzip body is inflated where beacons are taken, and only as far as the limit', async () => {
  const send = (raw: Uint8Array, type = 'text/plain') =>
    served.client.request('POST', '/events', {
      raw,
      headers: { 'content-encoding': 'gzip', 'content-type': type, ...from('192.0.2.9') },
    })
  assert.equal((await send(gzipSync(JSON.stringify([{ type: 'page_view' }])))).status, 200)
  assert.equal((await send(gzipSync(Buffer.alloc(50_000_000, 32)))).status, 413)
  assert.equal((await send(Buffer.from('not gzip at all'))).body.code, 'bad_encoding')
})

test('under pressure the shop turns away what it can do without first, checkout late, health never', async () => {
  let pressure = 1.2
  const overload = createOverload(() => pressure)
  const busy = await serve({ routes, overload })
  const eventually = async (wanted: Record<string, number>) => {
    const paths = { events: '/events', things: '/things', orders: '/orders', live: '/health/live' }
    for (;;) {
      const seen = {
        events: (await busy.client.post(paths.events, [])).status,
        things: (await busy.client.get(paths.things)).status,
        orders: (await busy.as('customer').post(paths.orders)).status,
        live: (await busy.client.get(paths.live)).status,
      }
      if (JSON.stringify(seen) === JSON.stringify(wanted)) return
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
  await eventually({ events: 503, things: 200, orders: 200, live: 200 })
  pressure = 2
  await eventually({ events: 503, things: 503, orders: 200, live: 200 })
  const answer = await busy.client.get('/things')
  assert.equal(answer.body.code, 'overloaded')
  assert.ok(Number(answer.headers.get('retry-after')) >= 1)
  pressure = 9
  await eventually({ events: 503, things: 503, orders: 503, live: 200 })
  await busy.close()
})
