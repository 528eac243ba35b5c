import { Consumer, ListOffsetTimestamps, TimeoutError } from '@platformatic/kafka'
import type { Topic } from '../../kernel/event.ts'
import { logUnavailable } from '../log-unavailable.ts'
import type { Log, LogRecord, PartitionEnds } from '../stream.ts'
import {
  abandon,
  accessOf,
  clientOptions,
  closeWithin,
  type KafkaAccess,
  type KafkaAddress,
} from './connection.ts'
import { faultOf } from './faults.ts'
import { type FetchClient, fetchFrom, leadersOf } from './fetching.ts'
import { type TopicNames, topicNames } from './topics.ts'

const READ_WAIT_MS = 100
/** Longest that a caller waits for a broker which may have stopped to answer. */
const ANSWER_MS = 6_000
const CLOSE_MS = 1_000

export interface KafkaReader {
  read(topic: Topic, partition: number, offset: number, limit: number): Promise<LogRecord[]>
  ends(topics: readonly Topic[]): Promise<PartitionEnds[]>
  topicIds(topics: readonly Topic[]): Promise<Map<Topic, string>>
  close(): Promise<void>
}

/** What tools read of a log in Kafka, beside running nodes. */
export function openKafkaLogForReading({
  topic_prefix = '',
  ...address
}: KafkaAddress & { topic_prefix?: string }): KafkaReader & Pick<Log, 'outboxPosition'> {
  const reader = kafkaReader(accessOf(address, 'tool'), topicNames(topic_prefix))
  return { ...reader, outboxPosition: async () => null }
}

/** A client that fetches and asks for offsets, and joins no group. */
export function fetchClient(access: KafkaAccess, purpose: string): FetchClient {
  return new Consumer<Buffer, Buffer, Buffer, Buffer>({
    ...clientOptions(access, purpose),
    groupId: `tradewind-${purpose}`,
    autocommit: false,
    // Each failure is told to whoever waits, who knows whether to try again.
    retries: 0,
  })
}

/** Reads for tools and tells where partitions end; refuses as `unavailable` when Kafka does not answer in time. */
export function kafkaReader(access: KafkaAccess, names: TopicNames): KafkaReader {
  let client = fetchClient(access, 'reader')

  const answered = async <T>(work: () => Promise<T>): Promise<T> => {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        abandon(client)
        client = fetchClient(access, 'reader')
        reject(new TimeoutError(`no answer within ${ANSWER_MS / 1_000} s`))
      }, ANSWER_MS)
    })
    try {
      return await Promise.race([work(), late])
    } catch (error) {
      // What the client remembers of leaders and topics may be what was wrong.
      client.clearMetadata()
      throw logUnavailable(faultOf(error, access.brokers).sentence.replace(/\.$/, ''))
    } finally {
      clearTimeout(timer)
    }
  }

  // A broker counts the fetches of a connection: two at once would be out of step.
  let fetching: Promise<unknown> = Promise.resolve()
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = fetching.then(work)
    fetching = turn.catch(() => {})
    return turn
  }

  async function first(name: string, partition: number): Promise<number> {
    const offsets = await client.listOffsets({
      topics: [name],
      partitions: { [name]: [partition] },
      timestamp: ListOffsetTimestamps.EARLIEST,
    })
    return Number(offsets.get(name)![partition])
  }

  async function readFrom(name: string, partition: number, offset: number): Promise<LogRecord[]> {
    const leaders = await leadersOf(client, [name])
    const node = leaders.get(name)!.nodes[partition]!
    for (let from = offset; ; ) {
      const order = { node, wanted: [{ name, partition, offset: from }], leaders, wait_ms: READ_WAIT_MS }
      const [found] = await fetchFrom(client, order)
      if (!found) return []
      if (found.out_of_range) {
        const start = await first(name, partition)
        if (from >= start) return []
        from = start
      } else if (found.records.length > 0 || found.next >= found.end || found.next === from) {
        return found.records
      } else from = found.next
    }
  }

  return {
    async read(topic, partition, offset, limit) {
      const records = await inTurn(() => answered(() => readFrom(names.nameOf(topic), partition, offset)))
      return records.slice(0, limit)
    },
    async ends(topics) {
      const wanted = topics.map((topic) => names.nameOf(topic))
      const [firsts, nexts] = await answered(() =>
        Promise.all([
          client.listOffsets({ topics: [...wanted], timestamp: ListOffsetTimestamps.EARLIEST }),
          client.listOffsets({ topics: [...wanted], timestamp: ListOffsetTimestamps.LATEST }),
        ]),
      )
      return topics.flatMap((topic) => {
        const name = names.nameOf(topic)
        return nexts.get(name)!.map((next, partition) => ({
          topic,
          partition,
          first: Number(firsts.get(name)![partition]),
          next: Number(next),
        }))
      })
    },
    async topicIds(topics) {
      const wanted = topics.map((topic) => names.nameOf(topic))
      // What is remembered is what may have changed.
      const found = await answered(() => client.metadata({ topics: wanted, forceUpdate: true }))
      return new Map(topics.map((topic) => [topic, found.topics.get(names.nameOf(topic))!.id]))
    },
    close: () => closeWithin(client, CLOSE_MS),
  }
}
