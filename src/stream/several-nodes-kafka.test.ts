import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { whyNot } from '../../test/servers/possible.ts'
import { bodyOf, SUMS } from '../../test/support/consumers.ts'
import { openTestKafkaLog } from '../../test/support/kafka.ts'
import { click, outboxEntry, SILENT, type TestEvent } from '../../test/support/log.ts'
import { TRAILS } from '../../test/support/several-nodes.ts'
import { openTestStorage } from '../../test/support/storage.ts'
import { systemClock as clock } from '../kernel/clock.ts'
import { compareRollUp } from './compare.ts'
import { type Consumers, startConsumers } from './consumers.ts'
import { createFirstPlaces, FIRST_PLACES } from './first-places.ts'
import type { RollUpReaction } from './reaction.ts'
import { rebuildRollUp } from './rebuild.ts'

const CLICKSTREAM = 'ecommerce-clickstream'
const views: RollUpReaction = { ...SUMS, name: 'views', topics: [CLICKSTREAM] }

function events(count: number, before: number): TestEvent[] {
  return Array.from({ length: count }, (_, n) => ({
    key: `k${(before + n) % 20}`,
    sequence: Math.floor((before + n) / 20) + 1,
  }))
}

/** Nodes on topics of their own in the tests' broker, over one storage. */
async function openCluster(t: TestContext) {
  const first = await openTestKafkaLog(t)
  const { storage } = await openTestStorage(t, [FIRST_PLACES])
  const { rollUps } = storage
  const repeats = () =>
    createFirstPlaces({
      ...{ storage, clock, topic: CLICKSTREAM },
      identityOf: ({ data, partitionkey }) => ({
        at_ms: 1,
        text: `${partitionkey} ${(data as { id: string }).id}`,
      }),
    })
  const running = new Set<Consumers>()
  t.after(() => Promise.all([...running].map((consumers) => consumers.stop())))
  return {
    ...first,
    rollUps,
    repeats,
    async start(): Promise<Consumers> {
      const { log } = await openTestKafkaLog(t, { topic_prefix: first.topic_prefix })
      const reactions = [SUMS, TRAILS, views]
      const consumers = await startConsumers({
        ...{ log, rollUps, reactions, clock, logger: SILENT, repeats: repeats() },
        linger_ms: 5,
      })
      running.add(consumers)
      return consumers
    },
    tell: (given: readonly TestEvent[]) => first.log.appendOutbox(given.map((one) => outboxEntry(1, one))),
  }
}

describe('nodes that share a Kafka', { skip: whyNot('kafka') }, () => {
  it('count what the events come to, while nodes come and go and events stand twice; and a rebuild beside them comes out equal', async (t) => {
    const { log, rollUps, repeats, start, tell } = await openCluster(t)
    const nodes = [await start(), await start()]
    for (let n = 0; n < 30; n++) {
      await tell(events(100, n * 100))
      if (n % 4 === 0) await tell(events(100, n * 100))
      const record = click(`v${n % 3}`, `${n % 10}`)
      await log.appendClickstream([record, record, click(`v${n % 3}`, `${n % 10}`)])
      if (n === 10) nodes.push(await start())
      if (n === 20) await nodes.shift()!.stop()
    }
    const [one, two] = nodes as [Consumers, Consumers]
    await Promise.all([one.caughtUp(), two.caughtUp()])
    const wanted = { count: 3_000, sum: 3_000 }
    assert.deepEqual(await bodyOf(rollUps, 'sums', 'all'), wanted)
    assert.deepEqual(await bodyOf(rollUps, 'trails', 'k7'), {
      trail: Array.from({ length: 150 }, (_, n) => n + 1),
    })
    assert.deepEqual(await bodyOf(rollUps, 'views', 'all'), { count: 30, sum: 30 })
    const { lag, parked } = await one.health()
    assert.deepEqual([lag, parked], [{ sums: 0, trails: 0, views: 0 }, 0])
    for (const reaction of [SUMS, TRAILS]) {
      assert.deepEqual((await compareRollUp({ reaction, log, rollUps })).differences, [])
      const rebuilding = { reaction, log, rollUps, clock, logger: SILENT, repeats: repeats() }
      assert.deepEqual((await rebuildRollUp(rebuilding)).parked, [])
      assert.deepEqual((await compareRollUp({ reaction, log, rollUps })).differences, [])
    }
    assert.deepEqual(await bodyOf(rollUps, 'sums', 'all'), wanted)
    await tell(events(100, 3_000))
    await Promise.all([one.caughtUp(), two.caughtUp()])
    assert.deepEqual(await bodyOf(rollUps, 'sums', 'all'), { count: 3_100, sum: 3_100 })
  })
})
