import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import { Admin, ConfigResourceTypes, IncrementalAlterConfigOperationTypes } from '@platformatic/kafka'
import { systemClock as clock } from '../../src/kernel/clock.ts'
import type { RollUps } from '../../src/storage/roll-ups.ts'
import { startConsumers } from '../../src/stream/consumers.ts'
import { makeTopics } from '../../src/stream/kafka/make-topics.ts'
import { rebuildRollUp } from '../../src/stream/rebuild.ts'
import { type KafkaServer, startKafkaServer } from '../servers/kafka.ts'
import { bodyOf, SUMS } from '../support/consumers.ts'
import { whyNotOwn } from '../support/kafka.ts'
import { checkLog } from '../support/kafka-checker.ts'
import { startLoad } from '../support/kafka-load.ts'
import { openKafkaWorld, report } from '../support/kafka-world.ts'
import { kcatRead } from '../support/kcat.ts'
import { click, outboxEntry, SILENT } from '../support/log.ts'
import { openTestStorage } from '../support/storage.ts'
import { until } from '../support/until.ts'

const ORDERS = 'ecommerce-orders'
const SMALL_BYTES = 100_000
const LARGE_BYTES = 300_000

describe('topics that change under the shop', { skip: whyNotOwn() ?? false }, () => {
  let kafka: KafkaServer
  let admin: Admin
  before(async () => {
    kafka = await startKafkaServer()
    admin = new Admin({ clientId: 'test', bootstrapBrokers: [kafka.bootstrap], retries: 3 })
  })
  after(async () => {
    await admin.close()
    await kafka.remove()
  })

  const limit = (topic: string, bytes: number) =>
    admin.incrementalAlterConfigs({
      resources: [
        {
          resourceType: ConfigResourceTypes.TOPIC,
          resourceName: topic,
          configs: [
            {
              name: 'max.message.bytes',
              configOperation: IncrementalAlterConfigOperationTypes.SET,
              value: String(bytes),
            },
          ],
        },
      ],
    })

  it('are deleted: the shop says which are missing, and goes on when they are made again', async (t) => {
    const world = await openKafkaWorld(t, { brokers: [kafka.bootstrap] })
    const { topic_prefix, memory, log } = world
    const before = startLoad(t, { log, outbox: memory.outbox, per_second: 200 })
    await until(() => before.acknowledged.length > 200)
    await before.stop()
    await world.check(kafka.bootstrap, before.acknowledged)
    const names = ['ecommerce-orders', 'ecommerce-clickstream'].map((topic) => `${topic_prefix}${topic}`)
    await admin.deleteTopics({ topics: names })
    await until(async () => (await admin.listTopics()).every((topic) => !names.includes(topic)))

    const subject = 'ord_after'
    const entries = Array.from({ length: 50 }, (_, n) => outboxEntry(0, { key: subject, sequence: n + 1 }))
    await memory.outbox.add(entries)
    await assert.rejects(log.check(), (error: Error) => {
      assert.match(error.message, /missing in Kafka; make the topics with \.\/scripts\/setup-kafka\.sh/)
      for (const name of names) assert.ok(error.message.includes(name))
      return true
    })
    await makeTopics({ brokers: [kafka.bootstrap], topic_prefix })
    await until(() => memory.waiting() === 0)
    const acknowledged = entries.map(({ topic, event }) => ({
      topic,
      id: event.id,
      subject: event.subject,
      number: event.sequence,
    }))
    report(t, await checkLog(kafka.bootstrap, topic_prefix, acknowledged))
    await log.check()
  })

  it('take no event of that size: its subject waits, all others go on, and nothing is skipped', async (t) => {
    const { topic_prefix, memory, log, relay, lines, check } = await openKafkaWorld(t, {
      brokers: [kafka.bootstrap],
    })
    await limit(`${topic_prefix}${ORDERS}`, SMALL_BYTES)
    const filler = randomBytes(LARGE_BYTES / 2).toString('hex')
    const entries = Array.from({ length: 200 }, (_, n) =>
      outboxEntry(0, {
        key: `ord_${n % 10}`,
        sequence: Math.floor(n / 10) + 1,
        data: n === 33 ? { filler } : {},
      }),
    )
    const waiting = entries.filter(({ event }) => event.subject === 'orders/ord_3' && event.sequence >= 4)
    const acknowledgedOf = (list: typeof entries) =>
      list.map(({ topic, event }) => ({
        topic,
        id: event.id,
        subject: event.subject,
        number: event.sequence,
      }))
    await memory.outbox.add(entries.slice(0, 150))
    await memory.outbox.add(entries.slice(150))
    const findings = await check(
      kafka.bootstrap,
      acknowledgedOf(entries.filter((entry) => !waiting.includes(entry))),
    )
    report(t, findings)
    assert.deepEqual(findings, { events: entries.length - waiting.length, copies: 0 })
    await until(async () => {
      const letters = await kcatRead(kafka.bootstrap, `${topic_prefix}ecommerce-dead-letters`)
      return letters.some(({ headers }) => headers.ce_subject === 'orders/ord_3')
    })
    assert.ok(
      lines.some(({ level, details }) => level === 'error' && 'subject' in details),
      'nobody was told',
    )
    assert.equal(await relay.release(), 0)

    await limit(`${topic_prefix}${ORDERS}`, 1_048_588)
    await until(async () => (await relay.release()) > 0)
    const released = await check(kafka.bootstrap, acknowledgedOf(entries))
    assert.equal(released.events, entries.length)
    await log.check()
  })

  it('take no event of that size at the door: the others of its visitor get there', async (t) => {
    const { topic_prefix, memory, log } = await openKafkaWorld(t, { brokers: [kafka.bootstrap] })
    await limit(`${topic_prefix}ecommerce-clickstream`, SMALL_BYTES)
    const filler = randomBytes(LARGE_BYTES / 2).toString('hex')
    const views = Array.from({ length: 11 }, (_, n) => click('v', null, 0, n === 3 ? { filler } : { n }))
    await log.appendClickstream(views)
    const there = await kcatRead(kafka.bootstrap, `${topic_prefix}ecommerce-clickstream`)
    assert.equal(there.length, 10)
    await until(() => memory.waiting() === 0)
    assert.equal((await kcatRead(kafka.bootstrap, `${topic_prefix}ecommerce-dead-letters`)).length, 1)
  })

  it('are made anew: a group that counted the old ones says so for as long as it is so, and is built again', async (t) => {
    const { topic_prefix, memory, log } = await openKafkaWorld(t, { brokers: [kafka.bootstrap] })
    const { storage } = await openTestStorage(t, [])
    const { rollUps } = storage
    const events = (from: number, count: number) =>
      Array.from({ length: count }, (_, n) => outboxEntry(0, { key: 'k', sequence: from + n }))
    const consumers = await startConsumers({ log, rollUps, reactions: [SUMS], clock, logger: SILENT })
    t.after(() => consumers.stop())
    await memory.outbox.add(events(1, 10))
    await until(async () => (await countOf(rollUps)) === 10)

    const name = `${topic_prefix}${ORDERS}`
    await admin.deleteTopics({ topics: [name] })
    await until(async () => !(await admin.listTopics()).includes(name))
    await makeTopics({ brokers: [kafka.bootstrap], topic_prefix })
    // More than the old one held: by its offsets alone it could be taken for the same.
    await memory.outbox.add(events(11, 30))
    await until(() => memory.waiting() === 0)
    const anew =
      /ecommerce-orders is not the one that sums has read before: .*made anew.*npm run rebuild -- sums/
    await until(async () => anew.test((await consumers.health()).last_error ?? ''))
    await assert.rejects(consumers.check(), anew)
    assert.equal(await countOf(rollUps), 10)

    await rebuildRollUp({ reaction: SUMS, log, rollUps, clock, logger: SILENT })
    await until(async () => (await countOf(rollUps)) === 30)
    await consumers.check()
  })
})

async function countOf(rollUps: RollUps): Promise<number> {
  return ((await bodyOf(rollUps, 'sums', 'all')) as { count: number } | undefined)?.count ?? 0
}
