import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { openEvents } from '../journeys/events-door.ts'

const view = { type: 'page_view', anonymous_id: 'visitor-1' }

test('API4-13 a batch of 501 events is refused as a whole, and 500 are not', async (t) => {
  const { client, kept } = await openEvents(t)
  const many = await client.post(
    '/events',
    Array.from({ length: 501 }, () => view),
  )
  assert.deepEqual([many.status, many.body.code], [422, 'bad_event_list'])
  assert.equal((await kept()).length, 0)
  assert.equal(
    (
      await client.post(
        '/events',
        Array.from({ length: 500 }, () => view),
      )
    ).status,
    202,
  )
})

test('API4-13 events above the quota of an address wait', async (t) => {
  const { client, kept } = await openEvents(t, { config: { RATE_LIMITS: true } })
  const batch = Array.from({ length: 500 }, () => view)
  for (let sent = 0; sent < 6_000; sent += batch.length) {
    assert.equal((await client.post('/events', batch)).status, 202)
  }
  const refused = await client.post('/events', view)
  assert.equal(refused.status, 429)
  assert.ok(Number(refused.headers.get('retry-after')) >= 1)
  assert.equal((await kept()).length, 6_000)
})

test('API4-04 a gzip body that swells beyond the limit is refused', async (t) => {
  const { client, kept } = await openEvents(t)
  const bomb = gzipSync(JSON.stringify([{ ...view, url: 'x'.repeat(20_000_000) }]))
  const { status } = await client.request('POST', '/events', {
    raw: bomb,
    headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
  })
  assert.equal(status, 413)
  assert.equal((await kept()).length, 0)
})

test('API8-02 operators and markup in texts of events are kept literally', async (t) => {
  const { client, kept } = await openEvents(t)
  const query = `{"$gt":""}'; return true;// <img src=x onerror=alert(1)> "\\\n`
  await client.post('/events', { ...view, type: 'search', query })
  const [event] = await kept()
  assert.equal((event!.data as { query: string }).query, query)
})

test('API8-11 ids of events cannot break out of the text they are put into', async (t) => {
  const { client, kept } = await openEvents(t)
  for (const field of ['anonymous_id', 'event_id', 'session_id', 'product_id']) {
    for (const value of ['a"b', 'a\nb', 'a\\', 'a\u2028', '~guest', '']) {
      const { body } = await client.post('/events', {
        ...view,
        timestamp: new Date().toISOString(),
        [field]: value,
      })
      assert.equal(body.accepted, 0, `${field} ${JSON.stringify(value)}`)
      assert.equal(body.rejected[0].code, 'invalid_event')
    }
  }
  assert.equal((await kept()).length, 0)
})

test('API3-12 prototypes of objects stay clean', async (t) => {
  const { client } = await openEvents(t)
  const raw = '{"type":"page_view","anonymous_id":"v","properties":{"__proto__":{"admin":true}}}'
  assert.equal((await client.request('POST', '/events', { raw })).status, 400)
  assert.equal(({} as { admin?: boolean }).admin, undefined)
})
