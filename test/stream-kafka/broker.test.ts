import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { type KafkaServer, startKafkaServer } from '../servers/kafka.ts'
import { whyNotOwn } from '../support/kafka.ts'
import { startLoad } from '../support/kafka-load.ts'
import { openKafkaWorld, openWorldOn, report } from '../support/kafka-world.ts'
import { until } from '../support/until.ts'

const PER_SECOND = 300
const LOAD_MS = 1_500
const FROZEN_MS = 15_000
/** A send is given up after a second; then the storage has to take the events. */
const SLOWEST_ANSWER_MS = 4_000

describe('a broker that fails under load', { skip: whyNotOwn() ?? false }, () => {
  let kafka: KafkaServer
  before(async () => {
    kafka = await startKafkaServer()
  })
  after(() => kafka.remove())

  it('is killed and started again three times, and nothing acknowledged is lost or out of order', async (t) => {
    const world = await openKafkaWorld(t, { brokers: [kafka.bootstrap] })
    const load = startLoad(t, { log: world.log, outbox: world.memory.outbox, per_second: PER_SECOND })
    for (let round = 0; round < 3; round++) {
      await sleep(LOAD_MS)
      await kafka.kill()
      await sleep(LOAD_MS)
      await kafka.start()
    }
    await sleep(LOAD_MS)
    await load.stop()
    report(t, await world.check(kafka.bootstrap, load.acknowledged))
    assert.equal(load.door.refused, 0)
    assert.ok(load.door.slowest_ms < SLOWEST_ANSWER_MS, `an answer took ${load.door.slowest_ms} ms`)
  })

  it('freezes for 15 seconds; the door goes on answering, and afterwards the log has all of it', async (t) => {
    const world = await openKafkaWorld(t, { brokers: [kafka.bootstrap] })
    const load = startLoad(t, { log: world.log, outbox: world.memory.outbox, per_second: PER_SECOND })
    await sleep(LOAD_MS)
    await kafka.freeze()
    await sleep(FROZEN_MS)
    await assert.rejects(world.log.check(), /No broker answers|did not confirm/)
    kafka.thaw()
    await sleep(LOAD_MS)
    await load.stop()
    report(t, await world.check(kafka.bootstrap, load.acknowledged))
    assert.equal(load.door.refused, 0)
    assert.ok(load.door.slowest_ms < SLOWEST_ANSWER_MS, `an answer took ${load.door.slowest_ms} ms`)
    await until(async () =>
      world.log.check().then(
        () => true,
        () => false,
      ),
    )
  })

  it('is away when the shop starts; what comes meanwhile waits, and drains in order', async (t) => {
    const prepared = await openKafkaWorld(t, { brokers: [kafka.bootstrap] })
    await kafka.kill()
    const world = await openWorldOn(t, { brokers: [kafka.bootstrap], topic_prefix: prepared.topic_prefix })
    const load = startLoad(t, { log: world.log, outbox: world.memory.outbox, per_second: PER_SECOND })
    await sleep(LOAD_MS)
    await assert.rejects(world.log.check(), /No broker answers at 127\.0\.0\.1:\d+/)
    await kafka.start()
    await load.stop()
    report(t, await world.check(kafka.bootstrap, load.acknowledged))
    assert.equal(load.door.refused, 0)
  })

  it('is frozen when the shop stops, which ends within seconds', async (t) => {
    const world = await openKafkaWorld(t, { brokers: [kafka.bootstrap] })
    const subscription = world.log.subscribe({
      group: 'stopping',
      topics: ['ecommerce-orders'],
      linger_ms: 1,
      position: async () => 0,
      handle: async () => {},
      onError: () => {},
    })
    const load = startLoad(t, { log: world.log, outbox: world.memory.outbox, per_second: PER_SECOND })
    await until(async () => world.memory.waiting() > 0)
    await until(async () => (await subscription.lag()) === 0)
    await kafka.freeze()
    t.after(() => kafka.thaw())
    await sleep(LOAD_MS)
    await load.stop()
    const began = performance.now()
    await world.relay.stop()
    await world.log.close()
    const took_ms = performance.now() - began
    assert.ok(took_ms < 10_000, `closing took ${took_ms} ms`)
  })
})
