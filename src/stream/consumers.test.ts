import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { bodyOf, openStream, SUMS } from '../../test/support/consumers.ts'
import { everything, type TestEvent } from '../../test/support/log.ts'
import { until } from '../../test/support/until.ts'
import { Refusal } from '../kernel/errors.ts'
import type { RollUps } from '../storage/roll-ups.ts'
import type { AppendReaction } from './reaction.ts'

function events(count: number, keys = 20): TestEvent[] {
  return Array.from({ length: count }, (_, n) => ({
    key: `k${n % keys}`,
    sequence: Math.floor(n / keys) + 1,
    data: { amount: n },
  }))
}

function recorder(name = 'recorder') {
  const seen: string[] = []
  const reaction: AppendReaction = {
    kind: 'append',
    name,
    topics: ['ecommerce-orders'],
    async handle(batch) {
      if (batch.some(({ data }) => (data as { poison?: boolean }).poison)) throw new Error('cannot be taken')
      seen.push(...batch.map(({ partitionkey, sequence }) => `${partitionkey}/${sequence}`))
    },
  }
  return { seen, reaction }
}

describe('consumers', () => {
  it('count every event once, whatever was told before they began and while they run', async (t) => {
    const { tell, start, storage } = await openStream(t)
    await tell(events(5_000))
    const consumers = await start([SUMS])
    for (let n = 0; n < 20; n++) await tell(events(50))
    await consumers.caughtUp()
    assert.deepEqual(await bodyOf(storage.rollUps, 'sums', 'all'), {
      count: 6_000,
      sum: (4_999 * 5_000) / 2 + 20 * ((49 * 50) / 2),
    })
    assert.deepEqual((await consumers.health()).lag, { sums: 0 })
  })

  it('go on where they were after a new start', async (t) => {
    const { tell, start, storage } = await openStream(t)
    await tell(events(100))
    const first = await start([SUMS])
    await first.caughtUp()
    await first.stop()
    await tell(events(100))
    const second = await start([SUMS])
    await second.caughtUp()
    assert.equal(((await bodyOf(storage.rollUps, 'sums', 'all')) as { count: number }).count, 200)
  })

  it('count once after a crash before the write, and after one between the write and its answer', async (t) => {
    const { tell, start, storage } = await openStream(t)
    await tell(events(500))
    let failures = 0
    const shaky: RollUps = {
      ...storage.rollUps,
      async write(name, documents, positions) {
        failures += 1
        if (failures === 1) throw new Error('died before the write')
        const written = await storage.rollUps.write(name, documents, positions)
        if (failures === 2) throw new Error('died before the answer')
        return written
      },
    }
    const consumers = await start([SUMS], { rollUps: shaky })
    await until(() => failures >= 3)
    await consumers.caughtUp()
    assert.equal(((await bodyOf(storage.rollUps, 'sums', 'all')) as { count: number }).count, 500)
    assert.equal(((await bodyOf(storage.rollUps, 'sums', 'k7')) as { count: number }).count, 25)
  })

  it('count once although two processes run the same group', async (t) => {
    const { tell, start, storage } = await openStream(t)
    const both = [await start([SUMS]), await start([SUMS])]
    for (let n = 0; n < 30; n++) await tell(events(40))
    for (const consumers of both) await consumers.caughtUp()
    assert.equal(((await bodyOf(storage.rollUps, 'sums', 'all')) as { count: number }).count, 1_200)
  })

  it('park the subject of an event that cannot be folded, with a letter, and count the others', async (t) => {
    const { tell, start, storage, log } = await openStream(t)
    await tell([
      { key: 'good', sequence: 1 },
      { key: 'bad', sequence: 1 },
      { key: 'bad', sequence: 2, data: { poison: true } },
      { key: 'bad', sequence: 3 },
      { key: 'good', sequence: 2 },
    ])
    const consumers = await start([SUMS])
    await consumers.caughtUp()
    assert.deepEqual(await bodyOf(storage.rollUps, 'sums', 'all'), { count: 3, sum: 3 })
    assert.deepEqual(await bodyOf(storage.rollUps, 'sums', 'bad'), { count: 1, sum: 1 })
    const [parked] = consumers.parked()
    assert.equal(parked!.subject, 'orders/bad')
    assert.match(parked!.reason, /cannot be folded/)
    const [letter, ...more] = await everything(log, ['ecommerce-dead-letters'])
    assert.equal(more.length, 0)
    assert.equal(
      (JSON.parse((letter!.event.data as { original: string }).original) as { sequence: number }).sequence,
      2,
    )
    await consumers.stop()
    await tell([
      { key: 'bad', sequence: 4 },
      { key: 'good', sequence: 3 },
    ])
    const again = await start([SUMS])
    await again.caughtUp()
    assert.equal(((await bodyOf(storage.rollUps, 'sums', 'good')) as { count: number }).count, 3)
    assert.equal(again.parked().length, 1)
  })

  it('hand events over in the order of their keys and park what is refused again and again', async (t) => {
    const { tell, start } = await openStream(t)
    const { seen, reaction } = recorder()
    await tell([
      ...events(60, 3),
      { key: 'bad', sequence: 1, data: { poison: true } },
      { key: 'bad', sequence: 2 },
    ])
    const consumers = await start([reaction])
    await consumers.caughtUp()
    for (const key of ['k0', 'k1', 'k2']) {
      const own = [...new Set(seen.filter((one) => one.startsWith(`${key}/`)))]
      assert.deepEqual(
        own,
        Array.from({ length: 20 }, (_, n) => `${key}/${n + 1}`),
      )
    }
    assert.ok(!seen.some((one) => one.startsWith('bad/')))
    assert.deepEqual(
      consumers.parked().map(({ subject }) => subject),
      ['orders/bad'],
    )
  })

  it('wait for what is away without parking anything', async (t) => {
    const { tell, start } = await openStream(t)
    const { seen, reaction } = recorder()
    let away = 5
    const waiting: AppendReaction = {
      ...reaction,
      async handle(batch, places) {
        if (away-- > 0) throw new Refusal('unavailable', 'storage_unavailable', 'away')
        await reaction.handle(batch, places)
      },
    }
    await tell(events(10))
    const consumers = await start([waiting])
    await until(async () => (await consumers.health()).last_error !== null)
    await consumers.caughtUp()
    assert.equal(seen.length, 10)
    assert.deepEqual(consumers.parked(), [])
  })

  it('keep a slow group from holding up the others', async (t) => {
    const { tell, start, storage } = await openStream(t)
    const release = Promise.withResolvers<void>()
    const slow: AppendReaction = {
      kind: 'append',
      name: 'slow',
      topics: ['ecommerce-orders'],
      handle: () => release.promise,
    }
    const consumers = await start([SUMS, slow])
    await tell(events(100))
    await until(
      async () =>
        ((await bodyOf(storage.rollUps, 'sums', 'all')) as { count?: number } | undefined)?.count === 100,
    )
    assert.equal((await consumers.health()).lag.slow, 100)
    release.resolve()
    await consumers.caughtUp()
  })

  it('begin anew when the log ends before what they have counted', async (t) => {
    const { tell, start, storage } = await openStream(t)
    await tell(events(10))
    const fence = { 'ecommerce-orders/0': 99 }
    await storage.rollUps.write(
      'sums',
      [{ id: 'all', expected: null, fence, body: { count: 99, sum: 99 } }],
      [{ group: 'sums', topic: 'ecommerce-orders', partition: 0, offset: 99 }],
    )
    const consumers = await start([SUMS])
    await consumers.caughtUp()
    assert.equal(((await bodyOf(storage.rollUps, 'sums', 'all')) as { count: number }).count, 10)
  })
})
