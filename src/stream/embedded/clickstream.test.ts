import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { click, everything, openTestLog } from '../../../test/support/log.ts'

const TOPIC = 'ecommerce-clickstream'
const DAY_MS = 86_400_000

describe('client ids in the embedded log', () => {
  it('tell a repeated request, also after a restart', async (t) => {
    const opened = await openTestLog(t)
    const now = Date.now()
    const request = ['a', 'b', 'c'].map((id) => click('visitor', id, now))
    assert.deepEqual(await opened.log.appendClickstream(request), ['accepted', 'accepted', 'accepted'])
    assert.deepEqual(await opened.log.appendClickstream(request), ['duplicate', 'duplicate', 'duplicate'])
    const log = await opened.reopen()
    assert.deepEqual(await log.appendClickstream([...request, click('visitor', 'd', now)]), [
      'duplicate',
      'duplicate',
      'duplicate',
      'accepted',
    ])
    assert.equal((await everything(log, [TOPIC])).length, 4)
  })

  it('tell a duplicate within one request, and keep the others in their order', async (t) => {
    const { log } = await openTestLog(t)
    const now = Date.now()
    const ids = ['a', 'b', 'a', 'c', 'b', 'd']
    assert.deepEqual(await log.appendClickstream(ids.map((id) => click('v', id, now))), [
      'accepted',
      'accepted',
      'duplicate',
      'accepted',
      'duplicate',
      'accepted',
    ])
    const kept = (await everything(log, [TOPIC])).map(({ event, offset }) => [
      offset,
      (event.data as { id: string }).id,
    ])
    assert.deepEqual(kept, [
      [0, 'a'],
      [1, 'b'],
      [2, 'c'],
      [3, 'd'],
    ])
  })

  it('count by visitor and by the time of the event; an event without an id is never a duplicate', async (t) => {
    const { log } = await openTestLog(t)
    const now = Date.now()
    const events = [
      click('one', 'a', now),
      click('two', 'a', now),
      click('one', 'a', now + 1),
      click('one', null),
      click('one', null),
    ]
    assert.deepEqual(
      await log.appendClickstream(events),
      events.map(() => 'accepted'),
    )
  })

  it('answer in the order of a request whose visitors lie on different partitions', async (t) => {
    const { log } = await openTestLog(t)
    const now = Date.now()
    const first = Array.from({ length: 30 }, (_, n) => click(`visitor ${n}`, 'x', now))
    await log.appendClickstream(first.filter((_, n) => n % 3 === 0))
    const verdicts = await log.appendClickstream(first)
    assert.deepEqual(
      verdicts,
      first.map((_, n) => (n % 3 === 0 ? 'duplicate' : 'accepted')),
    )
  })

  it('catch the same request sent fifty times at once', async (t) => {
    const { log } = await openTestLog(t)
    const request = Array.from({ length: 10 }, (_, n) => click('v', `id ${n}`, 1_700_000_000_000))
    const verdicts = await Promise.all(Array.from({ length: 50 }, () => log.appendClickstream(request)))
    assert.equal(verdicts.flat().filter((verdict) => verdict === 'accepted').length, 10)
    assert.equal((await everything(log, [TOPIC])).length, 10)
  })

  it('are forgotten after seven days, the events after thirty', async (t) => {
    let now = Date.now()
    const { log, reopen } = await openTestLog(t, { clock: { now: () => now } })
    const start = now
    await log.appendClickstream([click('v', 'a', start)])
    now += 6 * DAY_MS
    await log.trim()
    assert.deepEqual(await log.appendClickstream([click('v', 'a', start)]), ['duplicate'])
    now += 2 * DAY_MS
    await log.trim()
    assert.deepEqual(await log.appendClickstream([click('v', 'a', start)]), ['accepted'])
    now += 29 * DAY_MS
    await log.trim()
    const left = await everything(log, [TOPIC])
    assert.deepEqual(
      left.map(({ offset }) => offset),
      [1],
    )
    now += 2 * DAY_MS
    await log.trim()
    assert.deepEqual(await everything(log, [TOPIC]), [])
    // Offsets go on where they were, also when nothing is left and the file is opened again.
    const again = await reopen()
    await again.appendClickstream([click('v', 'b', now)])
    assert.deepEqual(
      (await everything(again, [TOPIC])).map(({ offset }) => offset),
      [2],
    )
  })

  it('end at a line break outside of text without splitting the event', async (t) => {
    const { log } = await openTestLog(t)
    const record = click('v', 'a')
    await log.appendClickstream([{ ...record, json: JSON.stringify(JSON.parse(record.json), null, 2) }])
    const [found] = await everything(log, [TOPIC])
    assert.deepEqual(found!.event, JSON.parse(record.json))
  })
})
