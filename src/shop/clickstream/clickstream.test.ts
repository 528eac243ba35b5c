import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Compile } from 'typebox/compile'
import { isRefusal, Refusal } from '../../kernel/errors.ts'
import type { CloudEvent } from '../../kernel/event.ts'
import type { Principal } from '../../kernel/principal.ts'
import type { ClickstreamRecord } from '../../stream/stream.ts'
import { createClickstream } from './clickstream.ts'
import { EVENTS } from './events-schema.ts'
import { visitorsReaction } from './reactions.ts'

const now = Date.parse('2026-11-23T10:00:00.000Z')
const anonymous: Principal = { kind: 'anonymous', id: null }
const ann: Principal = { kind: 'user', id: 'usr_ann', role: 'customer', session_id: 'ses_1' }

function openDoor() {
  const kept: ClickstreamRecord[] = []
  const letters: CloudEvent[] = []
  const door = createClickstream({
    log: {
      async appendClickstream(records) {
        kept.push(...records)
        return records.map(() => 'accepted')
      },
      async appendDeadLetters(events) {
        letters.push(...events)
      },
    },
    rollUps: { read: async () => [], range: async () => [], write: async () => true },
    clock: { now: () => now },
  })
  const send = (body: unknown, principal = anonymous) =>
    door.take({ body, principal, ip: '203.0.113.77', user_agent: 'Mozilla/5.0 Firefox/140.0' })
  return { kept, letters, send, door }
}

test('what lies in the log is a CloudEvent that fits its schema, however it was built', async () => {
  const { kept, send } = openDoor()
  const full = {
    type: 'add_to_cart',
    event_id: '01ARYZ6S41TSV4RRFFQ69G5FAV',
    timestamp: '2026-11-23T09:59:00+00:00',
  }
  const answer = await send(
    [
      { type: 'page_view', anonymous_id: 'v1' },
      {
        ...full,
        event_id: 'mine-1',
        anonymous_id: 'v.1:a-b_c',
        session_id: 's',
        sent_at: '2026-11-23T09:59:30Z',
        url: 'https://shop.example/"quoted"\\?x=1',
        referrer: 'https://other.example/\u2028',
        product_id: 'prd_1',
        sku: 'A "b" \\',
        query: 'tea\n"cup" \ud800',
        quantity: 2,
        price: { amount: 199, currency: 'GBP' },
        properties: { a: { b: { c: 1 } } },
      },
      { type: 'custom.spin', anonymous_id: 'v1' },
    ],
    ann,
  )
  assert.deepEqual(answer, { accepted: 3, duplicates: 0, rejected: [] })
  for (const { json, key } of kept) {
    const event = JSON.parse(json) as CloudEvent<{ anonymous_id: string; user_id: string }>
    const name = event.type.startsWith('custom.') ? 'custom.*' : event.type
    const schema = EVENTS.find(({ type }) => type === name)!.data
    assert.deepEqual(Compile(schema).Errors(event.data), [])
    assert.equal(event.partitionkey, key)
    assert.equal(event.data.anonymous_id, key)
    assert.equal(event.data.user_id, 'usr_ann')
    assert.match(event.id, /^evt_/)
  }
  const second = JSON.parse(kept[1]!.json) as CloudEvent
  assert.equal(second.time, '2026-11-23T09:59:30.000Z')
  assert.deepEqual(kept[1]!.dedup, { id: 'mine-1', at_ms: Date.parse(full.timestamp) })
})

test('bad events do not cost the good ones, and lie in the dead letters with their reason', async () => {
  const { kept, letters, send } = openDoor()
  const deep = { a: { b: { c: { d: {} } } } }
  const answer = await send([
    { type: 'page_view', anonymous_id: 'v' },
    { type: 'purchase', anonymous_id: 'v' },
    { type: 'page_view', anonymous_id: 'v', total: 5 },
    'nonsense',
    { type: 'page_view' },
    { type: 'page_view', anonymous_id: 'v', event_id: 'mine' },
    { type: 'page_view', anonymous_id: 'v', event_id: 'mine', timestamp: '2026-01-01T00:00:00Z' },
    { type: 'page_view', anonymous_id: 'v', timestamp: '2026-99-01T00:00:00Z' },
    { type: 'page_view', anonymous_id: 'v', properties: deep },
    { type: 'page_view', anonymous_id: 'v', properties: { text: 'x'.repeat(33_000) } },
    { type: 'search', anonymous_id: 'v', query: 'tea' },
  ])
  assert.equal(answer.accepted, 2)
  assert.equal(kept.length, 2)
  assert.deepEqual(
    answer.rejected.map(({ index, code }) => [index, code]),
    [
      [1, 'invalid_event'],
      [2, 'invalid_event'],
      [3, 'invalid_event'],
      [4, 'visitor_missing'],
      [5, 'event_id_without_time'],
      [6, 'event_id_out_of_time'],
      [7, 'bad_time'],
      [8, 'properties_too_deep'],
      [9, 'event_too_large'],
    ],
  )
  assert.equal(letters.length, 9)
  const { original, code } = letters[0]!.data as { original: string; code: string }
  assert.deepEqual([JSON.parse(original), code], [{ type: 'purchase', anonymous_id: 'v' }, 'invalid_event'])
})

test('a dead letter tells which fields an event had, and nothing that could be text of a person', async () => {
  const { letters, send } = openDoor()
  const odd = { 'Ann Other': 1, deep: { note: 'for Ann' }, list: ['Ann'], none: null, phone: 5550142 }
  await send({ type: 'page_view', anonymous_id: 'v', quantity: 'Ann', url: '/?who=Ann', ...odd })
  await send(['Ann'])
  const shown = letters.map(({ data }) => JSON.parse((data as { original: string }).original))
  assert.deepEqual(shown, [
    {
      ...{
        type: 'page_view',
        anonymous_id: 'v',
        quantity: '<text of 3>',
        url: '<text of 9>',
        '<field 5>': '<number>',
      },
      ...{ deep: { note: '<text of 7>' }, list: '<list of 1>', none: null, phone: '<number>' },
    },
    '<text of 3>',
  ])
})

test('no full address of a client reaches the log', async () => {
  const { kept, letters, send } = openDoor()
  await send([{ type: 'page_view', anonymous_id: 'v' }, { type: 'nothing' }])
  const all = JSON.stringify([kept, letters])
  assert.ok(!all.includes('203.0.113.77'))
  assert.ok(all.includes('203.0.113.0'))
})

test('a body that is no list of events is refused as a whole', async () => {
  const { send } = openDoor()
  await assert.rejects(send('text'), (error) => isRefusal(error, 'bad_event_list'))
})

test('nothing is acknowledged that the log did not take', async () => {
  const door = createClickstream({
    log: {
      appendClickstream: () =>
        Promise.reject(new Refusal('unavailable', 'log_unavailable', 'The disk is full.')),
      appendDeadLetters: async () => {},
    },
    rollUps: { read: async () => [], range: async () => [], write: async () => true },
    clock: { now: () => now },
  })
  const body = { type: 'page_view', anonymous_id: 'v' }
  const request = { body, principal: anonymous, ip: '::1', user_agent: undefined }
  await assert.rejects(door.take(request), (error) => isRefusal(error, 'log_unavailable'))
})

test('a visitor belongs to the first user who sent events under the same id', async () => {
  const { kept, send } = openDoor()
  await send({ type: 'page_view', anonymous_id: 'v' })
  await send({ type: 'page_view', anonymous_id: 'v' }, ann)
  await send({ type: 'page_view', anonymous_id: 'v' }, { ...ann, id: 'usr_bob' })
  const visitor = visitorsReaction.empty('v')
  for (const { json } of kept) {
    const event = JSON.parse(json) as CloudEvent
    for (const id of visitorsReaction.ids(event)) visitorsReaction.apply(visitor, id, event)
  }
  assert.deepEqual(visitor, { user_id: 'usr_ann', since: '2026-11-23T10:00:00.000Z' })
})
