import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { bodyOf, openStream, SUMS } from '../../test/support/consumers.ts'
import { SILENT, type TestEvent } from '../../test/support/log.ts'
import { systemClock as clock } from '../kernel/clock.ts'
import { compareRollUp } from './compare.ts'
import { rebuildRollUp } from './rebuild.ts'

function events(count: number): TestEvent[] {
  return Array.from({ length: count }, (_, n) => ({
    key: `k${n % 30}`,
    sequence: Math.floor(n / 30) + 1,
    data: { amount: n },
  }))
}

describe('a roll-up and the log', () => {
  it('are equal while consumers run and when they have stopped', async (t) => {
    const { tell, start, storage, log } = await openStream(t)
    const { rollUps } = storage
    const consumers = await start([SUMS])
    for (let n = 0; n < 10; n++) {
      await tell(events(200))
      const { differences } = await compareRollUp({ reaction: SUMS, log, rollUps })
      assert.deepEqual(differences, [])
    }
    await consumers.caughtUp()
    const found = await compareRollUp({ reaction: SUMS, log, rollUps })
    assert.deepEqual([found.documents, found.events, found.differences], [31, 2_000, []])
  })

  it('are not equal when a figure was changed, a document lost or one invented', async (t) => {
    const { tell, start, storage, log } = await openStream(t)
    const { rollUps } = storage
    const consumers = await start([SUMS])
    await tell(events(300))
    await consumers.caughtUp()
    await consumers.stop()
    const [all] = await rollUps.read('sums', ['all'])
    const fence = { ...all!.fence, extra: 1 }
    await rollUps.write(
      'sums',
      [
        { id: 'all', expected: all!.fence, fence, body: { count: 299, sum: 1 } },
        { id: 'nobody', expected: null, fence: {}, body: { count: 1, sum: 1 } },
      ],
      [],
    )
    const { differences } = await compareRollUp({ reaction: SUMS, log, rollUps })
    assert.deepEqual(differences.map(({ id }) => id).sort(), ['all', 'nobody'])
    const positions = await rollUps.positions('sums')
    await rollUps.drop('sums')
    await rollUps.write('sums', [], positions)
    assert.equal((await compareRollUp({ reaction: SUMS, log, rollUps })).differences.length, 31)
  })

  it('are equal again after a rebuild, which also takes up what was parked', async (t) => {
    const { tell, start, storage, log } = await openStream(t)
    const { rollUps } = storage
    const broken = {
      ...SUMS,
      apply: (...[body, id, event]: Parameters<typeof SUMS.apply>) => {
        if (event.partitionkey === 'k3' && event.sequence === 2) throw new Error('a bug')
        SUMS.apply(body, id, event)
      },
    }
    const consumers = await start([broken])
    await tell(events(300))
    await consumers.caughtUp()
    await consumers.stop()
    assert.equal(consumers.parked().length, 1)
    assert.deepEqual((await compareRollUp({ reaction: SUMS, log, rollUps })).differences, [])
    const { events: counted, parked } = await rebuildRollUp({
      reaction: SUMS,
      log,
      rollUps,
      clock,
      logger: SILENT,
    })
    assert.deepEqual([counted, parked], [300, []])
    assert.deepEqual(await bodyOf(rollUps, 'sums', 'all'), { count: 300, sum: (299 * 300) / 2 })
    assert.deepEqual((await compareRollUp({ reaction: SUMS, log, rollUps })).differences, [])
    const again = await start([SUMS])
    await tell(events(30))
    await again.caughtUp()
    assert.equal(((await bodyOf(rollUps, 'sums', 'all')) as { count: number }).count, 330)
  })
})
