import type { Consumer, RecordsBatch } from '@platformatic/kafka'
import type { LogRecord } from '../stream.ts'
import { recordOf } from './record.ts'
import type { Place } from './topics.ts'

/**
 * The client's own defaults let one fetch take 800 MB. Compressed: as text it is three to ten times as much, as objects
 * that the collector has to move several times that.
 */
const MAX_FETCH_BYTES = 262_144
const MAX_PARTITION_BYTES = 32_768
const UNKNOWN_EPOCH = -1
const NONE = 0
const OUT_OF_RANGE = 1

export type FetchClient = Consumer<Buffer, Buffer, Buffer, Buffer>

type FetchResponse = Awaited<ReturnType<FetchClient['fetch']>>

export interface Wanted extends Place {
  offset: number
}

export interface Fetched extends Place {
  records: LogRecord[]
  /** Where to go on; behind the last record, also behind records that are not for readers. */
  next: number
  /** Offset behind the last record that readers may see. */
  end: number
  /** The offset that was asked for is not in the log: retention took it, or the log ends before it. */
  out_of_range: boolean
}

/** The leaders of the partitions of these topics, and the topics' ids, which a topic that is made again changes. */
export async function leadersOf(client: FetchClient, names: readonly string[]) {
  const leaders = new Map<string, { id: string; nodes: number[] }>()
  for (const name of names) {
    const { topics } = await client.metadata({ topics: [name] })
    const found = topics.get(name)
    if (found) leaders.set(name, { id: found.id, nodes: found.partitions.map(({ leader }) => leader) })
  }
  return leaders
}

export type Leaders = Awaited<ReturnType<typeof leadersOf>>

export interface FetchOrder {
  node: number
  wanted: readonly Wanted[]
  leaders: Leaders
  /** The broker waits so long for the first record. */
  wait_ms: number
}

/** One fetch from one broker. Partitions that failed for another reason than their offset reject. */
export async function fetchFrom(client: FetchClient, order: FetchOrder): Promise<Fetched[]> {
  const { node, wanted, leaders, wait_ms } = order
  const names = new Map<string, string>()
  const topics = Map.groupBy(wanted, ({ name }) => name)
  const request = [...topics].map(([name, places]) => {
    const { id } = leaders.get(name)!
    names.set(id, name)
    return {
      topicId: id,
      partitions: places.map(({ partition, offset }) => ({
        partition,
        currentLeaderEpoch: UNKNOWN_EPOCH,
        fetchOffset: BigInt(offset),
        lastFetchedEpoch: UNKNOWN_EPOCH,
        partitionMaxBytes: MAX_PARTITION_BYTES,
      })),
    }
  })
  const response = await client
    .fetch({ node, topics: request, minBytes: 1, maxBytes: MAX_FETCH_BYTES, maxWaitTime: wait_ms })
    .catch(answerWithOffsetsOutOfRange)
  const offsets = new Map(wanted.map(({ name, partition, offset }) => [`${name}/${partition}`, offset]))
  return response.responses.flatMap(({ topicId, partitions }) =>
    partitions.flatMap(({ partitionIndex, errorCode, records, highWatermark }) => {
      const name = names.get(topicId)
      const offset = offsets.get(`${name}/${partitionIndex}`)
      if (name === undefined || offset === undefined) return []
      return {
        name,
        partition: partitionIndex,
        ...recordsOf(records ?? [], offset),
        end: Number(highWatermark),
        out_of_range: errorCode === OUT_OF_RANGE,
      }
    }),
  )
}

/** The client rejects the whole answer when one partition of it failed; with this failure the others are good. */
function answerWithOffsetsOutOfRange(error: unknown): FetchResponse {
  const { response } = error as { response?: FetchResponse }
  const codes =
    response?.responses?.flatMap(({ partitions }) => partitions.map(({ errorCode }) => errorCode)) ?? []
  if (response?.errorCode === NONE && codes.every((code) => code === NONE || code === OUT_OF_RANGE))
    return response
  throw error
}

/** A broker sends whole batches: what lies before the offset has been read already. */
function recordsOf(batches: readonly RecordsBatch[], from: number): { records: LogRecord[]; next: number } {
  const records: LogRecord[] = []
  let next = from
  for (const { firstOffset, lastOffsetDelta, attributes, records: raw } of batches) {
    const base = Number(firstOffset)
    next = Math.max(next, base + lastOffsetDelta + 1)
    if (attributes & CONTROL_BATCH) continue
    for (const { offsetDelta, headers, value } of raw) {
      const offset = base + offsetDelta
      if (offset >= from) records.push(recordOf(offset, headers, value))
    }
  }
  return { records, next }
}

/** Marks of transactions, which other writers may use. */
const CONTROL_BATCH = 1 << 5
