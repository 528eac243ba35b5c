import { compatibilityPartitioner, Producer } from '@platformatic/kafka'
import { partitionOf } from '../../kernel/partition.ts'
import { batchesOf, type Outgoing } from './batches.ts'
import { abandon, clientOptions, closeWithin, type KafkaAccess, retryDelay } from './connection.ts'
import { encode } from './envelope.ts'
import { type Fault, faultOf } from './faults.ts'
import type { Refused, Send, SendResult } from './sends.ts'
import { writtenBy } from './written.ts'

/** Within one send the client goes on trying with the same number, so that the broker drops what it has already. */
const RETRIES = 120
const ACKS_ALL = -1
const CLOSE_MS = 2_000

const BEHIND = 'It waits behind an event of its subject that the broker refuses.'

type EventProducer = Producer<Buffer, Buffer, Buffer, Buffer>

/** Thrown inside when a send was given up. */
class GivenUp extends Error {}

/**
 * One producer with one awaited send at a time: several at once, with a connection cut in between, arrive twice and out of
 * order. After a send that was not confirmed the producer is given up, so that nothing of it is tried any more.
 */
export function producing(access: KafkaAccess, purpose: string) {
  let producer: EventProducer | undefined
  let giveUp: ((reason: GivenUp) => void) | undefined
  /** Why the client had to try again, within the send under way. */
  let lastFailure: unknown

  const drop = () => {
    if (producer) abandon(producer)
    producer = undefined
  }

  /** Sends events as one; those of partitions that took them are done even when others did not. */
  const attempt = async (batch: readonly Outgoing[], given_up: Promise<never>): Promise<void> => {
    producer ??= newProducer(access, purpose, (error) => {
      lastFailure = error
    })
    const sending = producer.send({ messages: batch.map(messageOf) })
    // Given up, it fails later; nobody waits for that.
    sending.catch(() => {})
    await Promise.race([sending, given_up])
  }

  /** Sends a batch; where the broker refuses, finds out which event it is. */
  async function deliver(
    batch: readonly Outgoing[],
    held: Map<string, string> | undefined,
    given_up: Promise<never>,
  ): Promise<Refused[]> {
    const waiting: Refused[] = []
    const free = batch.filter((event) => {
      if (!held || held.size === 0) return true
      const reason = held.get(subjectKey(event))
      if (reason) waiting.push({ index: event.index, reason })
      return !reason
    })
    if (free.length === 0) return waiting
    try {
      await attempt(free, given_up)
      return waiting
    } catch (error) {
      const fault = faultOf(error, access.brokers)
      if (fault.kind !== 'refused') throw error
      const written = writtenBy(error)
      const left = free.filter(({ topic, partition }) => !written.has(`${topic}/${partition}`))
      if (left.length === 0) return waiting
      if (left.length === 1) {
        held?.set(subjectKey(left[0]!), BEHIND)
        return [...waiting, { index: left[0]!.index, reason: fault.sentence }]
      }
      const middle = left.length >> 1
      const first = await deliver(left.slice(0, middle), held, given_up)
      return [...waiting, ...first, ...(await deliver(left.slice(middle), held, given_up))]
    }
  }

  return {
    async send(send: Send): Promise<SendResult> {
      const { promise: given_up, reject } = Promise.withResolvers<never>()
      given_up.catch(() => {})
      giveUp = reject
      lastFailure = undefined
      const late = () => reject(new GivenUp(timedOut(send, access), { cause: lastFailure }))
      const timer = setTimeout(late, send.within_ms)
      try {
        const refused: Refused[] = []
        const held = send.hold_subjects ? new Map<string, string>() : undefined
        for (const batch of batchesOf(send, partitionOf)) {
          refused.push(...(await deliver(batch, held, given_up)))
        }
        return { outcome: 'confirmed', refused: refused.sort((a, b) => a.index - b.index) }
      } catch (error) {
        drop()
        return { outcome: 'unconfirmed', fault: reasonOf(error, access) }
      } finally {
        clearTimeout(timer)
        giveUp = undefined
      }
    },
    giveUp(): void {
      giveUp?.(new GivenUp('it was given up'))
    },
    async close(): Promise<void> {
      giveUp?.(new GivenUp('it was closed'))
      if (producer) await closeWithin(producer, CLOSE_MS)
    },
  }
}

function newProducer(
  access: KafkaAccess,
  purpose: string,
  onFailure: (error: unknown) => void,
): EventProducer {
  return new Producer({
    ...clientOptions(access, purpose),
    retryDelay(_client, _operation, attempt, _retries, error) {
      onFailure(error)
      return retryDelay(attempt)
    },
    idempotent: true,
    acks: ACKS_ALL,
    retries: RETRIES,
    compression: 'lz4',
    partitioner: compatibilityPartitioner,
  })
}

/** Without a timestamp the client sets the time of sending: an old one would defeat the broker's idempotence. */
function messageOf({ topic, key, json, partition }: Outgoing) {
  return { topic, partition, key: Buffer.from(key), ...encode(json) }
}

function subjectKey({ topic, json }: Outgoing): string {
  return `${topic}/${/"subject":"((?:[^"\\]|\\.)*)"/.exec(json)?.[1] ?? json}`
}

function reasonOf(error: unknown, access: KafkaAccess): Fault {
  if (!(error instanceof GivenUp)) return faultOf(error, access.brokers)
  if (error.cause === undefined) return { kind: 'away', sentence: error.message }
  const { kind, sentence } = faultOf(error.cause, access.brokers)
  return { kind, sentence: `${error.message} ${sentence}` }
}

function timedOut({ within_ms }: Send, { brokers }: KafkaAccess): string {
  return `Kafka at ${brokers.join(', ')} did not confirm within ${within_ms / 1_000} s.`
}
