import assert from 'node:assert/strict'
import { test } from 'node:test'
import { truncatedIp, withoutPersonalParts } from './privacy-rules.ts'
import { eventsOf, visitorOf } from './rules.ts'
import { correctedTime, timeOfId } from './time-rules.ts'

test('a UUIDv7 and a ULID tell their time, no other id does', () => {
  assert.equal(timeOfId('017f22e2-79b0-7cc3-98c4-dc0c0c07398f'), Date.parse('2022-02-22T19:22:22.000Z'))
  assert.equal(timeOfId('01ARYZ6S41TSV4RRFFQ69G5FAV'), 1469918176385)
  for (const id of ['017f22e2-79b0-4cc3-98c4-dc0c0c07398f', '8ZZZZZZZZZTSV4RRFFQ69G5FAV', 'abc', '']) {
    assert.equal(timeOfId(id), undefined)
  }
})

test('the clock of the client is corrected by what it was off when it sent', () => {
  const now = Date.parse('2026-11-23T10:00:00Z')
  const anHourAhead = now + 3_600_000
  assert.equal(correctedTime(anHourAhead - 5_000, anHourAhead, now), now - 5_000)
  assert.equal(correctedTime(now - 60_000, undefined, now), now - 60_000)
})

test('an event of the future, or older than events are kept, is filed under its arrival', () => {
  const now = Date.parse('2026-11-23T10:00:00Z')
  assert.equal(correctedTime(now + 1, undefined, now), now)
  assert.equal(correctedTime(now - 31 * 86_400_000, undefined, now), now)
  assert.equal(correctedTime(undefined, undefined, now), now)
})

test('an IP address loses its last octet or its last 80 bits', () => {
  assert.equal(truncatedIp('203.0.113.77'), '203.0.113.0')
  assert.equal(truncatedIp('::ffff:203.0.113.77'), '203.0.113.0')
  assert.equal(truncatedIp('2001:db8:1:2:3:4:5:6'), '2001:db8:1::')
  assert.equal(truncatedIp('2001:DB8::6'), '2001:db8:0::')
  assert.equal(truncatedIp('::1'), '0:0:0::')
  assert.equal(truncatedIp('fe80::1%eth0'), 'fe80:0:0::')
  assert.equal(truncatedIp('somewhere'), null)
})

test('an address keeps its page and campaign and loses what may name a person', () => {
  assert.equal(withoutPersonalParts('https://shop.example/p/1'), 'https://shop.example/p/1')
  assert.equal(
    withoutPersonalParts('https://ann:pw@shop.example/reset?token=s&utm_source=mail&email=a@b.example#top'),
    'https://shop.example/reset?utm_source=mail',
  )
  assert.equal(withoutPersonalParts('/reset?email=a@b.example'), '/reset')
})

test('a body is one event, a list, or an object with a list', () => {
  const event = { type: 'page_view' }
  assert.deepEqual(eventsOf(event), [event])
  assert.deepEqual(eventsOf([event]), [event])
  assert.deepEqual(eventsOf({ events: [event] }), [event])
  assert.equal(eventsOf(Array.from({ length: 501 }, () => event)), undefined)
  for (const body of [null, 'text', 7, undefined, { events: event }]) assert.equal(eventsOf(body), undefined)
})

test('a guest is one visitor by session, and no id of a client can look like one made here', () => {
  const hash = 'a'.repeat(43)
  assert.equal(visitorOf({ kind: 'guest', id: `guest:${hash}` }), `~${'a'.repeat(22)}`)
  assert.equal(visitorOf({ kind: 'anonymous', id: null }), null)
})
