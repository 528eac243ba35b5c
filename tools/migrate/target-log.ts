import type { Config } from '../../src/config.ts'
import { kafkaAccess } from '../../src/engines.ts'
import { systemClock as clock } from '../../src/kernel/clock.ts'
import { newId } from '../../src/kernel/ids.ts'
import { openKafkaLog } from '../../src/stream/kafka/kafka-log.ts'
import type { Log } from '../../src/stream/stream.ts'
import { TERSE } from '../open-data.ts'
import type { EventsToKeep } from './copy-events.ts'

/** Nothing comes in by the door while a shop moves, so nothing of it waits. */
const NOTHING_WAITS = {
  async add(): Promise<never> {
    throw new Error('nobody uses the door of a log that is being filled')
  },
  passed: async () => true,
  pending: async () => ({ count: 0, oldest_at: null }),
  history: async () => ({ given: 0, acknowledged: 0 }),
}

/** The log in Kafka where the configuration names one; null when the log stays in its folder. */
export async function openTargetLog(config: Config): Promise<Log | null> {
  const { KAFKA_BOOTSTRAP_SERVERS: brokers } = config
  if (brokers === undefined) return null
  return openKafkaLog({
    ...kafkaAccess({ ...config, KAFKA_BOOTSTRAP_SERVERS: brokers }),
    clock,
    logger: TERSE,
    node_id: newId('run'),
    outbox: NOTHING_WAITS,
  })
}

/** Where the log will be and what is kept of it, in words, by which an unfinished copy is known again. */
export function placeOfLog(
  {
    KAFKA_BOOTSTRAP_SERVERS: brokers,
    KAFKA_TOPIC_PREFIX: prefix,
  }: Pick<Config, 'KAFKA_BOOTSTRAP_SERVERS' | 'KAFKA_TOPIC_PREFIX'>,
  events: EventsToKeep,
): string {
  if (brokers === undefined) return 'in its folder'
  const kept = events.kept
    ? `the newest ${events.newest} events of the clickstream for staff`
    : 'none for staff'
  return `in Kafka under ${prefix}ecommerce-…, with ${kept}`
}
