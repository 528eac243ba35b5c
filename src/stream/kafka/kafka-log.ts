import type { Clock } from '../../kernel/clock.ts'
import type { Logger } from '../../kernel/logger.ts'
import { StartRefused } from '../../kernel/start-refused.ts'
import type { Outbox } from '../../storage/outbox.ts'
import { refusalLetter } from '../dead-letters.ts'
import { EventsRefused } from '../events-refused.ts'
import { logUnavailable } from '../log-unavailable.ts'
import type { Log, Subscription } from '../stream.ts'
import { kafkaCheck } from './check.ts'
import { accessOf, type KafkaAddress } from './connection.ts'
import { type DoorEvent, openDoor } from './door.ts'
import { type Fault, isDefinite } from './faults.ts'
import { kafkaReader } from './reader.ts'
import { startSender } from './sender-client.ts'
import { subscription } from './subscription.ts'
import { topicNames } from './topics.ts'

/** The relay's sends wait long for a broker that comes back: tried again by the same producer, nothing is written twice. */
const RELAY_SEND_MS = 120_000
/** A request waits no longer; then its events go through the outbox. */
const DOOR_SEND_MS = 1_000

export interface KafkaLogOptions extends KafkaAddress {
  /** Put before the names of topics and groups, where several shops share a cluster. */
  topic_prefix?: string
  /** Names this node in the broker's logs. */
  node_id: string
  clock: Clock
  logger: Logger
  /** Takes what the door cannot send. */
  outbox: Pick<Outbox, 'add' | 'passed' | 'pending' | 'history'>
}

/**
 * Opens the log in Kafka. Throws StartRefused with a sentence that says what to do when the cluster answers and something
 * is wrong that time does not heal; a cluster that does not answer is only noted, and used when it comes.
 */
export async function openKafkaLog(options: KafkaLogOptions): Promise<Log> {
  const { topic_prefix = '', node_id, clock, logger, outbox } = options
  const access = accessOf(options, node_id)
  const names = topicNames(topic_prefix)
  const check = kafkaCheck(access, names.all)
  const fault = await check.fault()
  if (fault && isDefinite(fault)) {
    await check.close()
    throw new StartRefused(fault.sentence)
  }
  if (fault) logger.warn({ reason: fault.sentence }, 'Kafka does not answer; the shop starts without it')

  const sender = startSender(access, logger)
  const reader = kafkaReader(access, names)
  const subscriptions = new Set<Subscription>()
  const door = await openDoor({
    clock,
    logger,
    outbox,
    // Nothing counts the events at the door: those behind a refused one are as good as before.
    send: (events) => sender.send('door', columns(events), { within_ms: DOOR_SEND_MS, hold_subjects: false }),
    async refuse(events) {
      const letters = events.map(({ event, reason }) => refusalLetter({ ...event, reason }, clock.now()))
      await outbox.add(letters.map((event) => ({ topic: LETTERS, event, json: JSON.stringify(event) })))
    },
  })
  const columns = (events: readonly DoorEvent[]) => ({
    topics: events.map(({ topic }) => names.nameOf(topic)),
    keys: events.map(({ key }) => key),
    jsons: events.map(({ json }) => json),
  })
  let closed = false

  return {
    async appendOutbox(entries, signal) {
      if (closed) throw logUnavailable('it is closed')
      if (entries.length === 0) return
      const events = entries.map(({ topic, event, json }) => ({ topic, key: event.partitionkey, json }))
      const given = { within_ms: RELAY_SEND_MS, hold_subjects: true, signal }
      const result = await sender.send('relay', columns(events), given)
      if (result.outcome === 'unconfirmed') throw logUnavailable(phrase(result.fault))
      if (result.refused.length > 0) throw new EventsRefused(result.refused)
    },
    // Kafka keeps no position: what is sent again may stand in it twice.
    outboxPosition: async () => null,
    async appendClickstream(events) {
      if (events.length > 0)
        await door.append(events.map(({ key, json }) => ({ topic: CLICKSTREAM, key, json })))
      return events.map(() => 'accepted')
    },
    async appendDeadLetters(letters) {
      if (letters.length > 0)
        await door.append(
          letters.map((letter) => ({
            topic: LETTERS,
            key: letter.partitionkey,
            json: JSON.stringify(letter),
          })),
        )
    },
    read: reader.read,
    ends: reader.ends,
    topicIds: reader.topicIds,
    subscribe(subscribing) {
      const group_name = `${topic_prefix}tradewind.${subscribing.group}`
      const one = subscription({ ...subscribing, access, names, group_name, reader })
      subscriptions.add(one)
      return {
        lag: () => one.lag(),
        owns: one.owns,
        async stop() {
          subscriptions.delete(one)
          await one.stop()
        },
      }
    },
    async check() {
      const wrong = (await check.fault()) ?? sender.lastFault()
      if (wrong) throw logUnavailable(phrase(wrong))
    },
    async close() {
      closed = true
      await door.close()
      await Promise.all([...subscriptions].map((one) => one.stop()))
      await Promise.all([sender.close(), reader.close(), check.close()])
    },
  }
}

const CLICKSTREAM = 'ecommerce-clickstream'
const LETTERS = 'ecommerce-dead-letters'

/** A fault as the end of a sentence. */
function phrase({ sentence }: Fault): string {
  return sentence.replace(/\.$/, '')
}
