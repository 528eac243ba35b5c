import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { bodyOf, SUMS } from '../../test/support/consumers.ts'
import { SILENT, type TestEvent } from '../../test/support/log.ts'
import { openNodes } from '../../test/support/several-nodes.ts'
import { until } from '../../test/support/until.ts'
import { systemClock as clock } from '../kernel/clock.ts'
import { compareRollUp } from './compare.ts'
import { beginAgain, Superseded } from './generation.ts'
import { hotDocuments } from './hot-documents.ts'
import { rebuildRollUp } from './rebuild.ts'

function events(count: number, before = 0): TestEvent[] {
  return Array.from({ length: count }, (_, n) => ({
    key: `k${(before + n) % 30}`,
    sequence: Math.floor((before + n) / 30) + 1,
    data: { amount: before + n },
  }))
}

const sumOf = (count: number) => ({ count, sum: ((count - 1) * count) / 2 })

describe('a roll-up on a log that several nodes read', () => {
  it('is what the log says, where offsets are left out and events stand twice', async (t) => {
    const { log, storage, tell, start } = await openNodes(t, { hollowEnd: true })
    const { rollUps } = storage
    const { consumers } = await start([SUMS])
    for (let n = 0; n < 5; n++) {
      await tell(events(150, n * 150))
      await tell(events(60, n * 150))
      assert.deepEqual((await compareRollUp({ reaction: SUMS, log, rollUps })).differences, [])
    }
    await consumers.caughtUp()
    const { documents, events: read, differences } = await compareRollUp({ reaction: SUMS, log, rollUps })
    assert.deepEqual([documents, read, differences], [31, 1_050, []])
    const [all] = await rollUps.read('sums', ['all'])
    const wrong = { id: 'all', expected: all!.fence, fence: { ...all!.fence, x: 1 }, body: sumOf(3) }
    await rollUps.write('sums', [wrong], [])
    const found = await compareRollUp({ reaction: SUMS, log, rollUps })
    assert.deepEqual(
      found.differences.map(({ id }) => id),
      ['all'],
    )
  })

  it('is built again beside the nodes that run it, which begin anew with it', async (t) => {
    const { log, storage, tell, start } = await openNodes(t)
    const { rollUps } = storage
    const nodes = [await start([SUMS]), await start([SUMS])]
    await tell(events(600))
    for (const { consumers } of nodes) await consumers.caughtUp()
    const [k3] = await rollUps.read('sums', ['k3'])
    const wrong = { id: 'k3', expected: k3!.fence, fence: { ...k3!.fence, x: 1 }, body: { count: 1, sum: 1 } }
    const invented = { id: 'nobody', expected: null, fence: {}, body: { count: 1, sum: 1 } }
    await rollUps.write('sums', [wrong, invented], [])

    const telling = (async () => {
      for (let n = 0; n < 10; n++) await tell(events(30, 600 + n * 30))
    })()
    const { parked } = await rebuildRollUp({ reaction: SUMS, log, rollUps, clock, logger: SILENT })
    await telling
    assert.deepEqual(parked, [])
    for (const { consumers } of nodes) await consumers.caughtUp()
    assert.deepEqual(await bodyOf(rollUps, 'sums', 'all'), sumOf(900))
    assert.deepEqual(await bodyOf(rollUps, 'sums', 'nobody'), { count: 0, sum: 0 })
    assert.deepEqual((await compareRollUp({ reaction: SUMS, log, rollUps })).differences, [])
    await tell(events(30, 900))
    for (const { consumers } of nodes) await consumers.caughtUp()
    assert.deepEqual(await bodyOf(rollUps, 'sums', 'all'), sumOf(930))
  })

  it('takes up what was parked when it is built again', async (t) => {
    const { log, storage, tell, start } = await openNodes(t)
    const broken = {
      ...SUMS,
      apply: (...[body, id, event]: Parameters<typeof SUMS.apply>) => {
        if (event.partitionkey === 'k3' && event.sequence === 2) throw new Error('a bug')
        SUMS.apply(body, id, event)
      },
    }
    const { consumers } = await start([broken])
    await tell(events(120))
    await consumers.caughtUp()
    await consumers.stop()
    assert.equal(consumers.parked().length, 1)
    const { rollUps } = storage
    assert.deepEqual((await compareRollUp({ reaction: SUMS, log, rollUps })).differences, [])
    const rebuilt = await rebuildRollUp({ reaction: SUMS, log, rollUps, clock, logger: SILENT })
    assert.deepEqual(rebuilt, { events: 120, parked: [] })
    assert.deepEqual(await bodyOf(rollUps, 'sums', 'all'), sumOf(120))
  })

  it('does not count what a node writes that has not heard of it yet', async (t) => {
    const { log, storage, tell, start } = await openNodes(t)
    const { rollUps } = storage
    await tell(events(60))
    const late = {
      id: 'k1',
      expected: null,
      fence: { 'ecommerce-orders/0': 900 },
      body: { count: 9, sum: 9 },
    }
    const first = await beginAgain(rollUps, 'sums')
    await rollUps.write(
      'sums',
      [late],
      [{ group: 'sums', topic: 'ecommerce-orders', partition: 0, offset: 900 }],
    )
    const { consumers } = await start([SUMS])
    await consumers.caughtUp()
    assert.deepEqual(await bodyOf(rollUps, 'sums', 'k1'), { count: 2, sum: 32 })
    assert.deepEqual((await compareRollUp({ reaction: SUMS, log, rollUps })).differences, [])
    const second = await beginAgain(rollUps, 'sums')
    assert.deepEqual(
      [first, second],
      [
        { number: 1, key: 'sums@1' },
        { number: 2, key: 'sums@2' },
      ],
    )
    // Whoever reads a document of a later generation stops counting.
    const stale = hotDocuments({ reaction: SUMS, generation: { number: 0, key: 'sums' }, rollUps })
    await assert.rejects(stale.load(['k1']), Superseded)
    await until(async () => (await rollUps.positions('sums@2')).length > 0)
    await consumers.caughtUp()
    assert.deepEqual(await bodyOf(rollUps, 'sums', 'all'), sumOf(60))
  })
})
