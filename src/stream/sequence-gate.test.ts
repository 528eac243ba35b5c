import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { bodyOf, openStream, SUMS } from '../../test/support/consumers.ts'
import type { Log } from './stream.ts'

/** As Kafka: it may hold an event twice and does not remember the outbox's position. */
function forgetful(log: Log): Log {
  return { ...log, outboxPosition: async () => null }
}

describe('where the log may hold an event twice', () => {
  it('a repeated event counts once, also after a new start', async (t) => {
    const { tell, start, storage, log } = await openStream(t)
    const told = [1, 2, 3].map((sequence) => ({ key: 'k', sequence }))
    await tell([...told, ...told])
    const first = await start([SUMS], { log: forgetful(log) })
    await first.caughtUp()
    assert.deepEqual(await bodyOf(storage.rollUps, 'sums', 'k'), { count: 3, sum: 3 })
    await first.stop()
    await tell([...told, { key: 'k', sequence: 4 }])
    const second = await start([SUMS], { log: forgetful(log) })
    await second.caughtUp()
    assert.deepEqual(await bodyOf(storage.rollUps, 'sums', 'k'), { count: 4, sum: 4 })
    assert.deepEqual(second.parked(), [])
  })

  it('a crash between the results and the sequences counts once', async (t) => {
    const { tell, start, storage, log } = await openStream(t)
    await tell([1, 2, 3].map((sequence) => ({ key: 'k', sequence })))
    let crashes = 1
    const rollUps: typeof storage.rollUps = {
      ...storage.rollUps,
      async write(name, documents, positions) {
        if (name === 'sums.sequences' && crashes-- > 0) throw new Error('died')
        return storage.rollUps.write(name, documents, positions)
      },
    }
    const consumers = await start([SUMS], { log: forgetful(log), rollUps })
    await consumers.caughtUp()
    assert.deepEqual(await bodyOf(storage.rollUps, 'sums', 'k'), { count: 3, sum: 3 })
  })

  it('a subject with a gap is parked and the others go on', async (t) => {
    const { tell, start, storage, log } = await openStream(t)
    await tell([
      { key: 'gap', sequence: 1 },
      { key: 'gap', sequence: 3 },
      { key: 'gap', sequence: 4 },
      { key: 'whole', sequence: 1 },
      { key: 'whole', sequence: 2 },
    ])
    const consumers = await start([SUMS], { log: forgetful(log) })
    await consumers.caughtUp()
    assert.deepEqual(await bodyOf(storage.rollUps, 'sums', 'gap'), { count: 1, sum: 1 })
    assert.deepEqual(await bodyOf(storage.rollUps, 'sums', 'whole'), { count: 2, sum: 2 })
    assert.match(consumers.parked()[0]!.reason, /gap/)
  })

  it('a subject may be met in the middle where retention took the beginning, but has no gap behind it', async (t) => {
    const { tell, start, storage, log } = await openStream(t)
    await tell([1, 2, 3, 4].map((sequence) => ({ key: 'k', sequence })))
    const trimmed: Log = {
      ...forgetful(log),
      ends: async (topics) =>
        (await log.ends(topics)).map((end) => ({ ...end, first: Math.min(2, end.next) })),
    }
    const consumers = await start([SUMS], { log: trimmed })
    await consumers.caughtUp()
    assert.deepEqual(await bodyOf(storage.rollUps, 'sums', 'k'), { count: 2, sum: 2 })
    await tell([5, 7].map((sequence) => ({ key: 'k', sequence })))
    await consumers.caughtUp()
    assert.deepEqual(await bodyOf(storage.rollUps, 'sums', 'k'), { count: 3, sum: 3 })
    assert.match(consumers.parked()[0]!.reason, /sequence 7 follows a gap/)
  })
})
