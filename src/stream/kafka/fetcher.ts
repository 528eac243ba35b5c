import { ListOffsetTimestamps } from '@platformatic/kafka'
import type { LogRecord } from '../stream.ts'
import { abandon, closeWithin, type KafkaAccess } from './connection.ts'
import { type Fetched, fetchFrom, type Leaders, leadersOf, type Wanted } from './fetching.ts'
import { fetchClient } from './reader.ts'
import type { Place } from './topics.ts'

/** The broker holds a fetch so long when there is nothing; it answers at once when there is. */
const WAIT_MS = 500
/** Fetched and not yet taken: with more than this nothing further is fetched. */
const MAX_BUFFERED_EVENTS = 4_000
const FIRST_RETRY_MS = 100
const LAST_RETRY_MS = 5_000
const CLOSE_MS = 1_000
const NOBODY = -1

interface Line extends Place {
  /** Of the topic that it was taken up from; undefined before the first fetch. */
  topic_id: string | undefined
  /** Next offset to fetch. */
  offset: number
  buffer: LogRecord[]
  /** Offset behind the last event of the partition, as the broker last said. */
  end: number | undefined
}

export interface Taken extends Place {
  records: LogRecord[]
  next: number
}

export interface Fetcher {
  /** Takes partitions up, from these offsets. */
  add(places: readonly Wanted[]): void
  /** Forgets all partitions and what it has of them. */
  clear(): void
  /** At most `room` events and `each` of a partition, each partition in its turn first. */
  take(room: number, each: number): Taken[]
  /** Offset behind the last event of a partition; undefined while the broker has not said. */
  end(place: Place): number | undefined
  stop(): Promise<void>
}

export interface FetcherOptions {
  access: KafkaAccess
  purpose: string
  /** Something can be taken. */
  onFetched(): void
  /** Retention has taken what a partition was asked for; it goes on behind. */
  onJump(place: Place, from: number, to: number): void
  /** The partition ends before the offset that was asked for, or is another one by now; it is no longer fetched. */
  onBeyond(place: Place): void
  onError(error: unknown): void
}

/** Fetches ahead for one group, a fetch at a time from each broker, and holds no more than a batch or two. */
export function fetcher(options: FetcherOptions): Fetcher {
  const { access, purpose, onFetched, onError } = options
  const client = fetchClient(access, purpose)
  const busy = new Set<number>()
  let lines: Line[] = []
  let turn = 0
  let deal = 0
  let stopped = false
  let retry_ms = FIRST_RETRY_MS
  let pausing: NodeJS.Timeout | undefined

  const buffered = () => lines.reduce((sum, { buffer }) => sum + buffer.length, 0)

  const failed = (error: unknown) => {
    if (stopped) return
    // The next try asks again who leads what, and what the topics' ids are.
    client.clearMetadata()
    onError(error)
    pausing ??= setTimeout(() => {
      pausing = undefined
      pump()
    }, retry_ms)
    retry_ms = Math.min(retry_ms * 2, LAST_RETRY_MS)
  }

  const keep = async (own: readonly Line[], found: readonly Fetched[]) => {
    const dealt = deal
    for (const { name, partition, records, next, end, out_of_range } of found) {
      const line = own.find((one) => one.name === name && one.partition === partition)!
      line.end = end
      if (out_of_range) await jump(line, dealt)
      else {
        line.buffer = records
        line.offset = next
      }
    }
  }

  const jump = async (line: Line, dealt: number) => {
    const { name, partition, offset } = line
    const place = { topics: [name], partitions: { [name]: [partition] } }
    const firsts = await client.listOffsets({ ...place, timestamp: ListOffsetTimestamps.EARLIEST })
    if (dealt !== deal || stopped) return
    const first = Number(firsts.get(name)![partition])
    if (offset < first) {
      line.offset = first
      options.onJump(line, offset, first)
    } else beyond(line)
  }

  const beyond = (line: Line) => {
    lines = lines.filter((one) => one !== line)
    options.onBeyond({ name: line.name, partition: line.partition })
  }

  /** A topic that was made anew under its name: its offsets are others, even where they look alike. */
  const dropStrangers = (leaders: Leaders) => {
    for (const line of lines) {
      const id = leaders.get(line.name)?.id
      line.topic_id ??= id
      if (id !== undefined && id !== line.topic_id) beyond(line)
    }
  }

  const fetchNode = async (node: number, own: readonly Line[], leaders: Leaders) => {
    busy.add(node)
    const before = deal
    const empty = own.filter(({ buffer }) => buffer.length === 0)
    const ahead = empty.length < own.length
    let nothing = false
    try {
      const wanted = empty.map(({ name, partition, offset }) => ({ name, partition, offset }))
      const found = await fetchFrom(client, { node, wanted, leaders, wait_ms: ahead ? 0 : WAIT_MS })
      // Meanwhile the group's partitions may have become others.
      if (before === deal && !stopped) await keep(empty, found)
      nothing = found.every(({ records }) => records.length === 0)
      retry_ms = FIRST_RETRY_MS
      onFetched()
    } catch (error) {
      failed(error)
    } finally {
      busy.delete(node)
      // Asked again at once, it would have nothing again; when the others are taken it is asked to wait.
      if (!ahead || !nothing || own.every(({ buffer }) => buffer.length === 0)) pump()
    }
  }

  let looking = false
  /**
   * Fetches from each broker of whose partitions something is wanted. While others are not yet taken the broker is not to
   * wait: what they are followed by would wait with it.
   */
  const pump = () => {
    if (stopped || looking || pausing || lines.length === 0 || buffered() >= MAX_BUFFERED_EVENTS) return
    looking = true
    leadersOf(client, [...new Set(lines.map(({ name }) => name))])
      .then((leaders) => {
        looking = false
        if (stopped) return
        dropStrangers(leaders)
        const nodes = Map.groupBy(
          lines,
          ({ name, partition }) => leaders.get(name)?.nodes[partition] ?? NOBODY,
        )
        if (nodes.has(NOBODY)) failed(new Error('some partitions have no leader now'))
        for (const [node, own] of nodes) {
          if (node !== NOBODY && !busy.has(node) && own.some(({ buffer }) => buffer.length === 0))
            void fetchNode(node, own, leaders)
        }
      })
      .catch((error: unknown) => {
        looking = false
        failed(error)
      })
  }

  return {
    add(places) {
      lines.push(...places.map((place) => ({ ...place, topic_id: undefined, buffer: [], end: undefined })))
      pump()
    },
    clear() {
      lines = []
      deal += 1
    },
    take(room, each) {
      const taken: Taken[] = []
      let left = room
      for (let step = 0; step < lines.length && left > 0; step++) {
        const line = lines[(turn + step) % lines.length]!
        if (line.buffer.length === 0) continue
        const records = line.buffer.splice(0, Math.min(each, left))
        left -= records.length
        const next = line.buffer[0]?.offset ?? line.offset
        taken.push({ name: line.name, partition: line.partition, records, next })
      }
      turn = lines.length === 0 ? 0 : (turn + 1) % lines.length
      if (taken.length > 0) pump()
      return taken
    },
    end({ name, partition }) {
      return lines.find((line) => line.name === name && line.partition === partition)?.end
    },
    async stop() {
      stopped = true
      clearTimeout(pausing)
      if (busy.size > 0) abandon(client)
      else await closeWithin(client, CLOSE_MS)
    },
  }
}
