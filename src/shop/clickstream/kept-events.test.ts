import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openNodes } from '../../../test/support/several-nodes.ts'
import type { Principal } from '../../kernel/principal.ts'
import { FIRST_PLACES } from '../../stream/first-places.ts'
import { createClickstream } from './clickstream.ts'
import { createKeptEvents } from './kept-events.ts'
import { KEPT_EVENTS } from './kept-schema.ts'
import { clickstreamRepeats } from './repeats.ts'

const DAY_SECONDS = 86_400
const anonymous: Principal = { kind: 'anonymous', id: null }
const ann: Principal = { kind: 'user', id: 'usr_ann', role: 'customer', session_id: 'ses_1' }

async function openShop(t: Parameters<typeof openNodes>[0]) {
  const nodes = await openNodes(t, { collections: [FIRST_PLACES, KEPT_EVENTS] })
  const { storage, log } = nodes
  let now = Date.parse('2026-11-23T10:00:00.000Z')
  const clock = { now: () => now }
  const door = createClickstream({ log, rollUps: storage.rollUps, clock })
  const gone = { events: async () => new Set<never>() }
  const kept = createKeptEvents({ storage, gone, clock, retention_seconds: 30 * DAY_SECONDS })
  return {
    ...nodes,
    kept,
    events: storage.collection(KEPT_EVENTS),
    repeats: clickstreamRepeats({ storage, clock }),
    pass: (seconds: number) => {
      now += seconds * 1_000
    },
    send: (principal: Principal, ...body: object[]) =>
      door.take({ body, principal, ip: '203.0.113.9', user_agent: undefined }),
  }
}

test('staff find what a visitor, a user, a session and an order did, in the order in which it happened', async (t) => {
  const { kept, events, repeats, start, send, pass } = await openShop(t)
  const { consumers } = await start([kept.reaction], { repeats })
  await send(anonymous, { type: 'page_view', anonymous_id: 'v', session_id: 's1' })
  pass(10)
  const odd = { order_id: 'ord_1', $set: { 'a.b': 1 }, __proto__x: [null, 1.5] }
  await send(ann, { type: 'custom.paid', anonymous_id: 'v', properties: odd })
  await send(ann, { type: 'custom.paid', anonymous_id: 'w', properties: { order_id: ['ord_1'] } })
  await consumers.caughtUp()
  const list = async (index: string, value: string) =>
    (await events.list({ index, equal: [value], order: 'asc', limit: 10 })).items
  assert.deepEqual(
    (await list('visitor', 'v')).map(({ type, time }) => [type, time]),
    [
      ['page_view', '2026-11-23T10:00:00.000Z'],
      ['custom.paid', '2026-11-23T10:00:10.000Z'],
    ],
  )
  assert.deepEqual((await list('user', 'usr_ann')).map(({ anonymous_id }) => anonymous_id).sort(), ['v', 'w'])
  assert.equal((await list('session', 's1')).length, 1)
  const [paid, ...more] = await list('order', 'ord_1')
  assert.equal(more.length, 0)
  const data = JSON.parse(paid!.data) as { properties: object; ip: string; user_id: string }
  assert.deepEqual(data.properties, odd)
  assert.deepEqual([data.user_id, data.ip], ['usr_ann', '203.0.113.0'])
})

test('what a person did is told to them, and goes with them while the visits of others stay', async (t) => {
  const { kept, events, repeats, start, send } = await openShop(t)
  const { consumers } = await start([kept.reaction], { repeats })
  const visits = Array.from({ length: 150 }, () => ({ type: 'page_view', anonymous_id: 'v', url: '/lamps' }))
  await send(ann, ...visits)
  await send(anonymous, { type: 'page_view', anonymous_id: 'v' })
  await consumers.caughtUp()
  const known = []
  for await (const event of kept.known('usr_ann')) known.push(event)
  assert.equal(known.length, visits.length)
  assert.deepEqual((known[0] as { type: string; url: string }).url, '/lamps')
  await kept.forget('usr_ann')
  const { items } = await events.list({ index: 'visitor', equal: ['v'], order: 'asc', limit: 10 })
  assert.deepEqual(
    items.map(({ user_id }) => user_id),
    [undefined],
  )
})

test('an event is kept once, whoever sent it again', async (t) => {
  const { kept, events, repeats, start, send, rebalance } = await openShop(t)
  const { consumers } = await start([kept.reaction], { repeats })
  await start([kept.reaction], { repeats })
  const event = { type: 'page_view', anonymous_id: 'v', event_id: 'mine', timestamp: '2026-11-23T09:00:00Z' }
  for (let n = 0; n < 5; n++) {
    await send(anonymous, event, { type: 'search', anonymous_id: `v${n}`, query: 'tea' })
    rebalance()
  }
  await consumers.caughtUp()
  const { items } = await events.list({ index: 'received', order: 'asc', limit: 100 })
  assert.equal(items.length, 6)
})

test('what no door of the shop has written is parked and keeps nobody waiting', async (t) => {
  const { kept, events, repeats, start, send, clicks } = await openShop(t)
  const foreign = {
    ...{ specversion: '1.0', id: 'x-1', source: '/else', type: 'page_view', subject: 'visitors/v' },
    ...{ time: '2026-11-23T12:00:00+02:00', sequence: 0, partitionkey: 'v', actor: 'x' },
    data: { anonymous_id: { $gt: '' } },
  }
  await clicks([{ key: 'v', dedup: null, json: JSON.stringify(foreign) }])
  await send(anonymous, { type: 'page_view', anonymous_id: 'w' })
  const { consumers } = await start([kept.reaction], { repeats })
  await consumers.caughtUp()
  const { items } = await events.list({ index: 'received', order: 'asc', limit: 100 })
  assert.deepEqual(
    items.map(({ anonymous_id }) => anonymous_id),
    ['w'],
  )
  assert.match(consumers.parked()[0]!.reason, /page_view does not fit/)
})

test('what is older than its retention goes', async (t) => {
  const { kept, events, start, send, pass } = await openShop(t)
  const { consumers } = await start([kept.reaction])
  await send(anonymous, { type: 'page_view', anonymous_id: 'v' })
  pass(20 * DAY_SECONDS)
  await send(anonymous, { type: 'page_view', anonymous_id: 'w' })
  await consumers.caughtUp()
  assert.equal(await kept.sweep(), 0)
  pass(11 * DAY_SECONDS)
  assert.equal(await kept.sweep(), 1)
  const { items } = await events.list({ index: 'received', order: 'asc', limit: 100 })
  assert.deepEqual(
    items.map(({ anonymous_id }) => anonymous_id),
    ['w'],
  )
})
