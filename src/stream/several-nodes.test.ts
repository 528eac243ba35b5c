import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { bodyOf, SUMS } from '../../test/support/consumers.ts'
import { click, everything, keepingLogger, type TestEvent } from '../../test/support/log.ts'
import { openNodes, type RunningNode, TRAILS } from '../../test/support/several-nodes.ts'
import { until } from '../../test/support/until.ts'
import { partitionOf } from '../kernel/partition.ts'
import type { RollUps } from '../storage/roll-ups.ts'
import type { AppendReaction } from './reaction.ts'
import type { Log } from './stream.ts'

const TOPIC = 'ecommerce-orders'

/** The next events of 20 keys. */
function events(count: number, before = 0): TestEvent[] {
  return Array.from({ length: count }, (_, n) => ({
    key: `k${(before + n) % 20}`,
    sequence: Math.floor((before + n) / 20) + 1,
  }))
}

async function endOf(log: Pick<Log, 'ends'>): Promise<number> {
  return (await log.ends([TOPIC])).reduce((sum, { next }) => sum + next, 0)
}

const upTo = (last: number) => Array.from({ length: last }, (_, n) => n + 1)

describe('nodes that share a log', () => {
  it('count every event once and in order, however partitions move and events are repeated', async (t) => {
    const { storage, tell, start, rebalance } = await openNodes(t)
    const nodes = [await start([SUMS, TRAILS]), await start([SUMS, TRAILS])]
    for (let n = 0; n < 40; n++) {
      await tell(events(50, n * 50))
      if (n % 3 === 0) await tell(events(50, n * 50))
      rebalance()
    }
    for (const { consumers } of nodes) await consumers.caughtUp()
    assert.deepEqual(await bodyOf(storage.rollUps, 'sums', 'all'), { count: 2_000, sum: 2_000 })
    for (let key = 0; key < 20; key++)
      assert.deepEqual(await bodyOf(storage.rollUps, 'trails', `k${key}`), { trail: upTo(100) })
    for (const { consumers } of nodes) assert.deepEqual(consumers.parked(), [])
  })

  it('come to terms over a document that all partitions feed, without a failed batch', async (t) => {
    const { storage, tell, start } = await openNodes(t)
    const { logger, lines } = keepingLogger()
    let moved = 0
    const rollUps: RollUps = {
      ...storage.rollUps,
      async write(...args) {
        const written = await storage.rollUps.write(...args)
        if (!written) moved += 1
        return written
      },
    }
    const nodes = []
    for (let n = 0; n < 3; n++) nodes.push(await start([SUMS], { rollUps, logger }))
    for (let n = 0; n < 30; n++) await tell(events(60, n * 60))
    for (const { consumers } of nodes) await consumers.caughtUp()
    assert.deepEqual(await bodyOf(storage.rollUps, 'sums', 'all'), { count: 1_800, sum: 1_800 })
    assert.ok(moved > 0, 'the nodes never met')
    assert.deepEqual(lines, [])
  })

  it('go on where the one before them was', async (t) => {
    const { storage, tell, start } = await openNodes(t)
    await tell(events(200))
    const first = await start([SUMS])
    await first.consumers.caughtUp()
    await first.consumers.stop()
    await tell(events(100, 200))
    const second = await start([SUMS])
    await second.consumers.caughtUp()
    assert.deepEqual([first.handled.sums, second.handled.sums], [200, 100])
    assert.deepEqual(await bodyOf(storage.rollUps, 'sums', 'all'), { count: 300, sum: 300 })
  })

  it('pass by a subject that another of them has parked, which lies in the dead letters once', async (t) => {
    const { log, storage, tell, start } = await openNodes(t)
    const first = await start([SUMS])
    await tell([
      { key: 'bad', sequence: 1 },
      { key: 'bad', sequence: 2, data: { poison: true } },
      { key: 'good', sequence: 1 },
    ])
    await first.consumers.caughtUp()
    await first.crash()
    const second = await start([SUMS])
    await tell([
      { key: 'bad', sequence: 3 },
      { key: 'good', sequence: 2 },
    ])
    await second.consumers.caughtUp()
    assert.deepEqual(await bodyOf(storage.rollUps, 'sums', 'all'), { count: 3, sum: 3 })
    assert.deepEqual(
      second.consumers.parked().map(({ subject }) => subject),
      ['orders/bad'],
    )
    assert.equal((await second.consumers.health()).parked, 1)
    assert.equal((await everything(log, ['ecommerce-dead-letters'])).length, 1)
  })

  it('pass by what another of them parked while they were running, as soon as they take its partition over', async (t) => {
    const { storage, clicks, start } = await openNodes(t)
    const views = { ...SUMS, name: 'views', topics: ['ecommerce-clickstream'] as const }
    const first = await start([views])
    const second = await start([views])
    await clicks([click('v', null), click('v', null, 0, { poison: true })])
    await until(() => [first, second].some(({ consumers }) => consumers.parked().length > 0))
    const parker = first.consumers.parked().length > 0 ? first : second
    const other = parker === first ? second : first
    await parker.consumers.caughtUp()
    assert.deepEqual(other.consumers.parked(), [])
    await parker.crash()
    await clicks([click('v', null), click('w', null)])
    await other.consumers.caughtUp()
    assert.deepEqual(await bodyOf(storage.rollUps, 'views', 'v'), { count: 1, sum: 1 })
    assert.deepEqual(await bodyOf(storage.rollUps, 'views', 'w'), { count: 1, sum: 1 })
  })

  it('park a subject once when two of them meet the same poison at the same time', async (t) => {
    const { log, storage, tell, start } = await openNodes(t)
    const notes: string[] = []
    const park = async (id: string, body: unknown) => {
      notes.push(id)
      await storage.rollUps.write('parked', [{ id, expected: null, fence: { writes: 1 }, body }], [])
    }
    const rollUps: RollUps = {
      ...storage.rollUps,
      async write(name, documents, positions) {
        // Another node's note for the same subject arrives first.
        if (name === 'parked' && notes.length === 0) await park(documents[0]!.id, documents[0]!.body)
        return storage.rollUps.write(name, documents, positions)
      },
    }
    const node = await start([SUMS], { rollUps })
    const poison = { sequence: 1, data: { poison: true } }
    await tell([
      { key: 'bad', ...poison },
      { key: 'good', sequence: 1 },
    ])
    await node.consumers.caughtUp()
    // And one that arrived a while ago, which this node has not read.
    const { body } = (await storage.rollUps.read('parked', notes))[0]!
    await park('sums/ecommerce-orders/orders/worse', {
      ...(body as object),
      subject: 'orders/worse',
      offset: 0,
    })
    await tell([{ key: 'worse', ...poison }])
    await node.consumers.caughtUp()
    assert.equal(node.consumers.parked().length, 2)
    assert.deepEqual(await bodyOf(storage.rollUps, 'sums', 'all'), { count: 1, sum: 1 })
    assert.equal((await everything(log, ['ecommerce-dead-letters'])).length, 1)
  })

  it('tell of all partitions, whichever of them they hold', async (t) => {
    const { storage, tell, start, log } = await openNodes(t)
    const release = Promise.withResolvers<void>()
    const rollUps: RollUps = {
      ...storage.rollUps,
      async write(...args) {
        await release.promise
        return storage.rollUps.write(...args)
      },
    }
    const slow = await start([SUMS], { rollUps })
    const quick = await start([SUMS])
    await tell(events(240))
    const lagOf = async ({ consumers }: RunningNode) => (await consumers.health()).lag.sums!
    await until(async () => {
      const lag = await lagOf(slow)
      return lag > 0 && lag === (await lagOf(quick)) && lag < (await endOf(log))
    })
    let caughtUp = false
    const waiting = quick.consumers.caughtUp().then(() => {
      caughtUp = true
    })
    assert.equal(caughtUp, false)
    release.resolve()
    await waiting
    assert.deepEqual((await quick.consumers.health()).lag, { sums: 0 })
    assert.equal(((await bodyOf(storage.rollUps, 'sums', 'all')) as { count: number }).count, 240)
  })

  it('have caught up although the last offsets of a partition hold no event', async (t) => {
    const { storage, tell, start } = await openNodes(t, { hollowEnd: true })
    await tell(events(100))
    const { consumers } = await start([SUMS])
    await consumers.caughtUp()
    assert.deepEqual(await bodyOf(storage.rollUps, 'sums', 'all'), { count: 100, sum: 100 })
  })

  it('drop nothing when the log ends before what was counted, say so and go on with the other partitions', async (t) => {
    const { storage, tell, start } = await openNodes(t)
    const lost = partitionOf('lost')
    const key = Array.from({ length: 50 }, (_, n) => `k${n}`).find((one) => partitionOf(one) !== lost)!
    const fence = { [`${TOPIC}/${lost}`]: 99 }
    const counted = { id: 'all', expected: null, fence, body: { count: 99, sum: 99 } }
    await storage.rollUps.write(
      'sums',
      [counted],
      [{ group: 'sums', topic: TOPIC, partition: lost, offset: 99 }],
    )
    await tell([
      { key: 'lost', sequence: 1 },
      { key, sequence: 1 },
    ])
    const { consumers } = await start([SUMS])
    const countOf = async (id: string) =>
      ((await bodyOf(storage.rollUps, 'sums', id)) as { count: number } | undefined)?.count
    await until(async () => (await countOf('all')) === 100 && (await countOf(key)) === 1)
    assert.equal(await bodyOf(storage.rollUps, 'sums', 'lost'), undefined)
    assert.match((await consumers.health()).last_error!, /ends at \d+.*99.*npm run rebuild -- sums/)
    await assert.rejects(consumers.check(), /the consumer sums does not get on: .* ends at/)
  })

  it('park what is no CloudEvent by its place and go on with what stands behind it', async (t) => {
    const { storage, clicks, start, log } = await openNodes(t)
    const views: AppendReaction & { seen: number } = {
      kind: 'append',
      name: 'views',
      topics: ['ecommerce-clickstream'],
      seen: 0,
      async handle(given) {
        views.seen += given.length
      },
    }
    const { json } = click('v', null)
    const foreign = [
      'hello',
      '{"hello":"world"}',
      'null',
      JSON.stringify({ ...JSON.parse(json), sequence: -1 }),
    ]
    await clicks([...foreign, json].map((text) => ({ key: 'v', dedup: null, json: text })))
    const { consumers } = await start([views])
    await consumers.caughtUp()
    assert.equal(views.seen, 1)
    const parked = consumers.parked()
    assert.equal(parked.length, 4)
    for (const { subject, topic, partition, offset } of parked)
      assert.equal(subject, `${topic}/${partition}/${offset}`)
    assert.ok(parked.some(({ reason }) => /`id` is missing/.test(reason)))
    assert.equal((await everything(log, ['ecommerce-dead-letters'])).length, 4)
    assert.equal((await storage.rollUps.positions('views')).length, 1)
  })
})
