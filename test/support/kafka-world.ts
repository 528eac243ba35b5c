import type { TestContext } from 'node:test'
import { systemClock as clock } from '../../src/kernel/clock.ts'
import { heldEvents } from '../../src/stream/held-events.ts'
import { openKafkaLog } from '../../src/stream/kafka/kafka-log.ts'
import { makeTopics } from '../../src/stream/kafka/make-topics.ts'
import { type Relay, startRelay } from '../../src/stream/relay.ts'
import type { Log } from '../../src/stream/stream.ts'
import { checkStream } from '../../src/stream-health.ts'
import { newPrefix } from './kafka.ts'
import { type Acknowledged, checkLog, type Findings } from './kafka-checker.ts'
import { keepingLogger } from './log.ts'
import { memoryOutbox } from './outbox.ts'
import { openTestStorage } from './storage.ts'
import { until } from './until.ts'

const LONG_MS = 90_000

export interface KafkaWorld {
  log: Log
  relay: Relay
  memory: ReturnType<typeof memoryOutbox>
  topic_prefix: string
  lines: ReturnType<typeof keepingLogger>['lines']
  /** Waits until nothing is in the outbox, and then asks kcat whether all that was acknowledged is there. */
  check(reader: string, acknowledged: readonly Acknowledged[]): Promise<Findings>
}

export interface KafkaWorldOptions {
  /** Where the shop finds Kafka. */
  brokers: string[]
  /** Where its topics are made; else there, too. */
  made_at?: string
  api_key?: string
  api_secret?: string
  ca_file?: string
}

/** A log in Kafka with a relay and an outbox in memory; ends with the test. */
export async function openKafkaWorld(t: TestContext, options: KafkaWorldOptions): Promise<KafkaWorld> {
  const { made_at, ...address } = options
  const topic_prefix = newPrefix()
  await makeTopics({ ...(made_at ? { brokers: [made_at] } : address), topic_prefix })
  return openWorldOn(t, { ...address, topic_prefix })
}

/** The same on topics that are there, or are not. */
export async function openWorldOn(
  t: TestContext,
  address: Omit<KafkaWorldOptions, 'made_at'> & { topic_prefix: string },
): Promise<KafkaWorld> {
  const { logger, lines } = keepingLogger()
  const memory = memoryOutbox()
  const { outbox } = memory
  const { storage } = await openTestStorage(t, [])
  const log = await openKafkaLog({ ...address, clock, logger, outbox, node_id: 'test' })
  const held = heldEvents({ rollUps: storage.rollUps, log, clock, logger })
  const relay = startRelay({ outbox, log, held, clock, logger })
  t.after(async () => {
    await relay.stop()
    await log.close()
  })
  return {
    log,
    relay,
    memory,
    topic_prefix: address.topic_prefix,
    lines,
    async check(reader, acknowledged) {
      await until(() => memory.waiting() === 0, LONG_MS)
      return checkLog(reader, address.topic_prefix, acknowledged)
    },
  }
}

/** Says in the test's output what was found. */
export function report(t: TestContext, { events, copies }: Findings): void {
  t.diagnostic(`${events} events, each at least once and in order; ${copies} further copies`)
}

/** What the health check says of the stream; undefined when all is well. */
export function faultOf({ log, relay }: Pick<KafkaWorld, 'log' | 'relay'>): Promise<string | undefined> {
  return checkStream({ log, relay, consumers: { async check() {} } }).then(
    () => undefined,
    (error: Error) => error.message,
  )
}
