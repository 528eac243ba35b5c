import assert from 'node:assert/strict'
import { after, before, describe, it, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { type KafkaServer, startKafkaServer } from '../servers/kafka.ts'
import { whyNotOwn } from '../support/kafka.ts'
import { startLoad } from '../support/kafka-load.ts'
import { type KafkaWorld, openKafkaWorld, report } from '../support/kafka-world.ts'

const PER_SECOND = 400
const LOAD_MS = 500
const STRIKES = 4
const DETOUR = /go through the outbox/

describe('a network between shop and broker that fails under load', { skip: whyNotOwn() ?? false }, () => {
  let kafka: KafkaServer
  before(async () => {
    kafka = await startKafkaServer()
  })
  after(() => kafka.remove())

  /** The shop reaches the broker through the proxy only; topics are made and read beside it. */
  const open = (t: TestContext): Promise<KafkaWorld> =>
    openKafkaWorld(t, { brokers: [kafka.proxied], made_at: kafka.bootstrap })

  const underLoad = async (t: TestContext, world: KafkaWorld, strike: () => Promise<void>) => {
    const load = startLoad(t, { log: world.log, outbox: world.memory.outbox, per_second: PER_SECOND })
    for (let round = 0; round < STRIKES; round++) {
      await sleep(LOAD_MS)
      await strike()
    }
    await sleep(LOAD_MS)
    await load.stop()
    return load
  }

  it('loses acknowledgements of what the broker has written; the broker knows it again', async (t) => {
    const world = await open(t)
    const load = await underLoad(t, world, () => kafka.proxy.loseNextAnswer())
    report(t, await world.check(kafka.bootstrap, load.acknowledged))
    assert.equal(load.door.refused, 0)
  })

  it('is cut in the middle of a batch', async (t) => {
    const world = await open(t)
    const load = await underLoad(t, world, () => kafka.proxy.cutNextRequest(0.5))
    report(t, await world.check(kafka.bootstrap, load.acknowledged))
    assert.equal(load.door.refused, 0)
  })

  it('lets nothing through for longer than a request waits; the door takes the way through the outbox and comes back', async (t) => {
    const world = await open(t)
    const load = await underLoad(t, world, async () => {
      kafka.proxy.hold()
      await sleep(1_500)
      kafka.proxy.open()
    })
    report(t, await world.check(kafka.bootstrap, load.acknowledged))
    assert.equal(load.door.refused, 0)
    const messages = world.lines.map(({ message }) => message)
    assert.ok(messages.some((message) => DETOUR.test(message)))
    assert.ok(messages.includes('the door sends to Kafka by itself again'))
  })

  it('answers late; that costs time and nothing else', async (t) => {
    const world = await open(t)
    const load = await underLoad(t, world, async () => {
      kafka.proxy.delay(300)
      await sleep(500)
      kafka.proxy.delay(0)
    })
    const findings = await world.check(kafka.bootstrap, load.acknowledged)
    report(t, findings)
    // The door waits a second for an answer, and says of which events it did not hear: those alone may stand twice.
    const said = world.lines.filter(({ message }) => DETOUR.test(message))
    const unheard = said.reduce((sum, { details }) => sum + (details as { events: number }).events, 0)
    assert.ok(
      findings.copies <= unheard,
      `${findings.copies} copies of ${unheard} events that were not heard of`,
    )
  })
})
