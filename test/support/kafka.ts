import type { TestContext } from 'node:test'
import { Admin } from '@platformatic/kafka'
import { systemClock } from '../../src/kernel/clock.ts'
import type { Outbox } from '../../src/storage/outbox.ts'
import { type KafkaLogOptions, openKafkaLog } from '../../src/stream/kafka/kafka-log.ts'
import { makeTopics } from '../../src/stream/kafka/make-topics.ts'
import type { Log } from '../../src/stream/stream.ts'
import { type KafkaServer, startKafkaServer } from '../servers/kafka.ts'
import { whyNot } from '../servers/possible.ts'
import { SILENT } from './log.ts'
import { memoryOutbox } from './outbox.ts'

const GIVEN = process.env.KAFKA_BOOTSTRAP_SERVERS
let server: Promise<KafkaServer> | undefined

/** The broker of this test file, started when first asked for; it goes with the process. */
export function ownKafka(): Promise<KafkaServer> {
  server ??= startKafkaServer({ tls: true })
  return server
}

/** Where the tests' broker is: the given one, else one of this file's own. */
export async function kafkaBrokers(): Promise<string[]> {
  return GIVEN ? GIVEN.split(',') : [(await ownKafka()).bootstrap]
}

let prefixes = 0

/** Put before the names of topics and groups, so that tests share a broker and nothing else. */
export function newPrefix(): string {
  return `t${process.pid}-${Date.now().toString(36)}-${++prefixes}-`
}

/** Removes the topics that a test had to itself. */
export async function removeTopics(topic_prefix: string): Promise<void> {
  const admin = new Admin({ clientId: 'tests', bootstrapBrokers: await kafkaBrokers(), retries: 3 })
  try {
    const topics = await admin.listTopics()
    const own = topics.filter((name) => name.startsWith(topic_prefix))
    if (own.length > 0) await admin.deleteTopics({ topics: own })
  } finally {
    await admin.close()
  }
}

export interface TestKafkaLog {
  log: Log
  topic_prefix: string
  outbox: Outbox
  /** Closes the log and opens it again. */
  reopen(): Promise<Log>
}

/** A log on topics of its own, closed when the test ends. */
export async function openTestKafkaLog(
  t: Pick<TestContext, 'after'>,
  given: Partial<KafkaLogOptions> = {},
): Promise<TestKafkaLog> {
  const brokers = given.brokers ?? (await kafkaBrokers())
  const topic_prefix = given.topic_prefix ?? newPrefix()
  const { outbox } = memoryOutbox()
  const options = {
    outbox,
    clock: systemClock,
    logger: SILENT,
    node_id: 'test',
    ...given,
    brokers,
    topic_prefix,
  }
  await makeTopics(options)
  const opened: TestKafkaLog = {
    log: await openKafkaLog(options),
    topic_prefix,
    outbox: options.outbox as Outbox,
    async reopen() {
      await opened.log.close()
      opened.log = await openKafkaLog(options)
      return opened.log
    },
  }
  t.after(() => opened.log.close())
  return opened
}

/** The same as `whyNot`, for tests that kill the broker or give it other settings. */
export function whyNotOwn(): string | undefined {
  return GIVEN
    ? 'strikes the broker itself, which is not done to the one that KAFKA_BOOTSTRAP_SERVERS names'
    : whyNot('kafka')
}
