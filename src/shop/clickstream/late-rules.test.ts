import assert from 'node:assert/strict'
import { test } from 'node:test'
import { keyOfEvent, parsedOriginal } from './late-rules.ts'

const came = Date.parse('2026-03-01T12:00:00.000Z')

test('an event that is taken late keeps the time it had, with the skew that its clock had then', () => {
  const sent = { type: 'search', timestamp: '2026-03-01T10:59:00.000Z', sent_at: '2026-03-01T11:00:00.000Z' }
  assert.deepEqual(parsedOriginal(JSON.stringify(sent), came), {
    ...{ type: 'search', timestamp: '2026-03-01T11:59:00.000Z' },
  })
  const plain = { type: 'search', timestamp: sent.timestamp }
  assert.deepEqual(parsedOriginal(JSON.stringify(plain), came), plain)
})

test('what was cut off is no event, and names no visitor', () => {
  assert.equal(parsedOriginal('{"type":"sea', came), undefined)
  assert.equal(keyOfEvent('{"partitionkey":"visitor-1"'), undefined)
  assert.equal(keyOfEvent('{"partitionkey":"visitor-1"}'), 'visitor-1')
})
