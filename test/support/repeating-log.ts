import type { OutboxEntry } from '../../src/storage/outbox.ts'
import type { Log, Subscription } from '../../src/stream/stream.ts'
import { randomNumbers } from '../crash/random.ts'
import { movingPartitions } from './moving-partitions.ts'

export interface RepeatingLogOptions {
  seed?: number
  /** The last offsets of each partition hold no event, as after a producer with transactions. */
  hollowEnd?: boolean
}

export interface Node {
  log: Log
  /** Ends its consumers where they are, as a crash does. */
  crash(): void
}

/**
 * A log that behaves as Kafka does, over the embedded one: it takes every event as often as it is sent, knows no ids and
 * no position of the outbox, leaves out offsets, and shares its partitions out among the nodes that read it.
 */
export function repeatingLog(log: Log, { seed = 1, hollowEnd = false }: RepeatingLogOptions = {}) {
  const random = randomNumbers(seed)
  let sent = 0

  const reading: Pick<Log, 'read' | 'ends'> = {
    async read(topic, partition, offset, limit) {
      const records = await log.read(topic, partition, indexFrom(offset), limit)
      return records.map((record) => ({ json: record.json, offset: offsetOf(record.offset) }))
    },
    async ends(topics) {
      return (await log.ends(topics)).map(({ first, next, ...place }) => {
        const end = next === 0 ? 0 : offsetOf(next - 1) + 1
        return { ...place, first: first === 0 ? 0 : offsetOf(first), next: hollowEnd ? next * STRIDE : end }
      })
    },
  }
  const groups = movingPartitions(reading, random)

  return {
    rebalance: groups.rebalance,
    /** The log as one node has it. */
    node(): Node {
      const subscriptions = new Set<Subscription & { abandon(): void }>()
      return {
        log: {
          ...log,
          ...reading,
          outboxPosition: async () => null,
          appendOutbox: (entries: readonly OutboxEntry[]) =>
            log.appendOutbox(entries.map((entry) => ({ ...entry, position: ++sent }))),
          appendClickstream: (events) =>
            log.appendClickstream(events.map((one) => ({ ...one, dedup: null }))),
          subscribe(options) {
            const subscription = groups.subscribe(options)
            subscriptions.add(subscription)
            return subscription
          },
        },
        crash() {
          for (const subscription of subscriptions) subscription.abandon()
        },
      }
    },
  }
}

const STRIDE = 3

/** The offset of the event at `index`: one or two are left out before the next. */
function offsetOf(index: number): number {
  return index * STRIDE + (index % 2)
}

/** The first event at or behind an offset. */
function indexFrom(offset: number): number {
  const index = Math.floor(offset / STRIDE)
  return offsetOf(index) >= offset ? index : index + 1
}
