import type { TestContext } from 'node:test'
import { TOPICS } from '../../src/kernel/event.ts'
import { openEmbeddedLogForReading } from '../../src/stream/embedded/embedded-log.ts'
import type { Log } from '../../src/stream/stream.ts'
import { kafkaBrokers, newPrefix, openTestKafkaLog, removeTopics } from '../support/kafka.ts'
import { everything } from '../support/log.ts'
import { testDatabase } from '../support/mongo.ts'
import { type RunningShop, type StartOptions, startShop } from '../support/shop.ts'

/** Whatever pair the tests run on: a shop on the embedded one. */
export const EMBEDDED = { MONGODB_URL: undefined, KAFKA_BOOTSTRAP_SERVERS: undefined }

/** An empty database and topics of their own. */
export async function emptyPair(t: TestContext) {
  const mongodb_url = await testDatabase(t)
  const prefix = newPrefix()
  const brokers = await kafkaBrokers()
  const { log } = await openTestKafkaLog(t, { topic_prefix: prefix })
  t.after(() => removeTopics(prefix))
  return {
    log,
    mongodb_url,
    environment: { KAFKA_BOOTSTRAP_SERVERS: brokers.join(','), KAFKA_TOPIC_PREFIX: prefix },
    config: { MONGODB_URL: mongodb_url, KAFKA_BOOTSTRAP_SERVERS: brokers, KAFKA_TOPIC_PREFIX: prefix },
  }
}

/** A shop that is stopped when the test ends. */
export async function openShop(t: TestContext, options: StartOptions): Promise<RunningShop> {
  const shop = await startShop(options)
  t.after(() => shop.stop())
  return shop
}

/** The log of a stopped shop. */
export function openOldLog(t: TestContext, directory: string) {
  const log = openEmbeddedLogForReading({ directory })
  t.after(() => log.close())
  return log
}

/** Ids of every event, in order, by partition. */
export async function everyEvent(log: Pick<Log, 'ends' | 'read'>): Promise<Record<string, string[]>> {
  const found: Record<string, string[]> = {}
  for (const { topic, partition, offset: _, event } of await everything(log, TOPICS)) {
    const place = `${topic}/${partition}`
    found[place] = [...(found[place] ?? []), `${event.subject} ${event.sequence} ${event.id}`]
  }
  return found
}
