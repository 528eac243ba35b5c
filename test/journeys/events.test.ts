import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import type { CloudEvent } from '../../src/kernel/event.ts'
import { uuidv7 } from '../../tools/replay/uuid.ts'
import { openEvents } from './events-door.ts'

const view = (more: object = {}) => ({ type: 'page_view', anonymous_id: 'visitor-1', ...more })

interface Data {
  anonymous_id: string
  user_id?: string
  ip: string
  is_bot: boolean
}

test('one event, a list and an object with a list are all taken, and lie in the log in order', async (t) => {
  const { client, kept } = await openEvents(t)
  const one = await client.post('/events', view())
  assert.equal(one.status, 202)
  assert.deepEqual(one.body, { accepted: 1, duplicates: 0, rejected: [] })
  const list = await client.post('/events', [
    view({ type: 'search', query: 'tea' }),
    view({ type: 'custom.spin' }),
  ])
  assert.equal(list.body.accepted, 2)
  const wrapped = await client.post('/events', { events: [view({ type: 'begin_checkout' })] })
  assert.equal(wrapped.body.accepted, 1)
  assert.deepEqual(
    (await kept()).map(({ type }) => type),
    ['page_view', 'search', 'custom.spin', 'begin_checkout'],
  )
})

test('a batch sent again is told as duplicates and lies in the log once', async (t) => {
  const { client, kept } = await openEvents(t)
  const batch = [
    view({ event_id: uuidv7() }),
    view({ event_id: 'mine', timestamp: new Date().toISOString() }),
  ]
  assert.deepEqual((await client.post('/events', batch)).body, { accepted: 2, duplicates: 0, rejected: [] })
  const more = [...batch, view({ event_id: uuidv7() })]
  assert.deepEqual((await client.post('/events', more)).body, { accepted: 1, duplicates: 2, rejected: [] })
  assert.equal((await kept()).length, 3)
})

test('the same id of two visitors is two events', async (t) => {
  const { client } = await openEvents(t)
  const event_id = uuidv7()
  const { body } = await client.post('/events', [
    view({ event_id }),
    view({ event_id, anonymous_id: 'visitor-2' }),
  ])
  assert.equal(body.accepted, 2)
})

test('good events are kept whatever the others are, and those lie in the dead letters', async (t) => {
  const { client, kept, letters } = await openEvents(t)
  const { status, body } = await client.post('/events', [
    view(),
    { type: 'purchase' },
    view({ quantity: -1 }),
  ])
  assert.equal(status, 202)
  assert.equal(body.accepted, 1)
  assert.deepEqual(
    body.rejected.map(({ index }: { index: number }) => index),
    [1, 2],
  )
  assert.equal((await kept()).length, 1)
  assert.deepEqual(
    (await letters()).map(({ type }) => type),
    ['clickstream_rejected', 'clickstream_rejected'],
  )
})

test('a beacon of a closing page arrives as text, and a large batch as gzip', async (t) => {
  const { client } = await openEvents(t)
  const beacon = await client.request('POST', '/events', {
    raw: JSON.stringify(view()),
    headers: { 'content-type': 'text/plain;charset=UTF-8' },
  })
  assert.deepEqual([beacon.status, beacon.body.accepted], [202, 1])
  const batch = await client.request('POST', '/events', {
    raw: gzipSync(JSON.stringify(Array.from({ length: 500 }, () => view()))),
    headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
  })
  assert.deepEqual([batch.status, batch.body.accepted], [202, 500])
})

test('a guest without an id of its own is one visitor by its session, and the caller of a token is known', async (t) => {
  const { client, as, kept } = await openEvents(t)
  await client.post('/events', { type: 'page_view' })
  await client.post('/events', { type: 'page_view' })
  await as('customer').post('/events', { type: 'page_view' })
  const data = (await kept()).map((event) => (event as CloudEvent<Data>).data)
  const guests = data.filter(({ user_id }) => user_id === undefined)
  assert.equal(guests.length, 2)
  assert.match(guests[0]!.anonymous_id, /^~/)
  assert.equal(guests[0]!.anonymous_id, guests[1]!.anonymous_id)
  assert.equal(data.find(({ user_id }) => user_id)!.user_id, 'usr_customer')
  for (const { ip } of data) assert.ok(!ip.includes('127.0.0.1'))
})

test('a visitor who signs in is known backwards', async (t) => {
  const { client, as, clickstream, consumers } = await openEvents(t)
  await client.post('/events', view())
  await consumers.caughtUp()
  assert.equal((await clickstream.usersOf(['visitor-1'])).size, 0)
  await as('customer').post('/events', view())
  await consumers.caughtUp()
  assert.deepEqual(
    [...(await clickstream.usersOf(['visitor-1', 'visitor-2']))],
    [['visitor-1', 'usr_customer']],
  )
})

test('a bot is flagged and counted like anybody', async (t) => {
  const { client, kept } = await openEvents(t)
  await client.post('/events', view(), { 'user-agent': 'Mozilla/5.0 (compatible; Googlebot/2.1)' })
  const [event] = await kept()
  assert.equal((event as CloudEvent<Data>).data.is_bot, true)
})
