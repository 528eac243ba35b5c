import type { CloudEvent, Topic } from '../../src/kernel/event.ts'
import { StartRefused } from '../../src/kernel/start-refused.ts'
import { eventOf } from '../../src/stream/event-of.ts'
import type { Log, LogRecord } from '../../src/stream/stream.ts'
import { type Digest, digester } from './canonical.ts'
import type { Run } from './offsets.ts'

/** Logs bound what they read at once by its size. */
const PAGE_EVENTS = 2_500
/** A copy stands no farther behind its first than what one append holds; this is many of them. */
const REMEMBERED_IDS = 20_000

export type Reading = Pick<Log, 'read' | 'ends'>

export interface Place {
  topic: Topic
  partition: number
}

/** How far the new log has what the old one has, and whether it is the same. */
export interface Match {
  runs: Run[]
  /** Offset in the old log of the first event that the new one lacks; its end when nothing is missing. */
  from: number
  /** Of what both have, in its order. */
  old: Digest
  fresh: Digest
  /** Events that stand in the new log a second time: an append whose confirmation was lost. */
  copies: number
  /** Offsets of damaged texts in the old log: no event, so nothing that could be carried over. */
  damaged: number[]
}

/** Reads one partition of both logs side by side. Throws StartRefused when the new one holds somebody else's events. */
export async function matchPartition(logs: { old: Reading; fresh: Reading }, place: Place): Promise<Match> {
  const old = await cursor(logs.old, place)
  const fresh = await cursor(logs.fresh, place)
  const digests = { old: digester(), fresh: digester() }
  const seen = recentIds()
  const runs: Run[] = []
  const damaged: number[] = []
  let copies = 0

  for (let record = await fresh.peek(); record; record = await fresh.next()) {
    const event = soundEvent(record)
    const wanted = await nextSound(old, damaged)
    if (wanted && event && wanted.event.id === event.id) {
      extend(runs, wanted.record.offset, record.offset)
      const text = textOf(event)
      digests.fresh.add(text)
      digests.old.add(wanted.record.json === record.json ? text : textOf(wanted.event))
      seen.add(event.id)
      await old.next()
    } else if (event && seen.has(event.id)) copies += 1
    else throw foreign(place, record.offset)
  }
  const wanted = await nextSound(old, damaged)
  return {
    runs,
    from: wanted?.record.offset ?? old.end,
    old: digests.old.result(),
    fresh: digests.fresh.result(),
    copies,
    damaged,
  }
}

/** Logs keep the attributes in orders of their own, and the data as it is. */
function textOf(event: CloudEvent): string {
  const { specversion, id, source, type, subject, time, dataschema, sequence, partitionkey, actor, data } =
    event
  const about = [specversion, id, source, type, subject, time, dataschema, sequence, partitionkey, actor]
  return JSON.stringify([Object.keys(event).length, ...about, data])
}

/** The event of a record, or undefined for a text that is none and that no consumer could read either. */
export function soundEvent(record: LogRecord): CloudEvent | undefined {
  try {
    const event = eventOf(record)
    const sound = typeof event?.id === 'string' && typeof event.partitionkey === 'string'
    return sound ? event : undefined
  } catch {
    return undefined
  }
}

interface Cursor {
  end: number
  peek(): Promise<LogRecord | undefined> | LogRecord | undefined
  /** Goes one on and peeks. */
  next(): Promise<LogRecord | undefined> | LogRecord | undefined
}

/** Walks a partition in pages, up to the end that it had at first. */
async function cursor(log: Reading, { topic, partition }: Place): Promise<Cursor> {
  const { first, next: end } = (await log.ends([topic])).find((one) => one.partition === partition)!
  let page: LogRecord[] = []
  let at = 0
  let offset = first

  const fill = async () => {
    page = offset < end ? await log.read(topic, partition, offset, PAGE_EVENTS) : []
    page = page.filter((record) => record.offset < end)
    at = 0
    offset = page.length > 0 ? page.at(-1)!.offset + 1 : end
    return page[0]
  }
  const peek = () => page[at] ?? fill()
  return {
    end,
    peek,
    next() {
      at += 1
      return peek()
    },
  }
}

async function nextSound(
  old: Cursor,
  damaged: number[],
): Promise<{ record: LogRecord; event: CloudEvent } | undefined> {
  for (let record = await old.peek(); record; record = await old.next()) {
    const event = soundEvent(record)
    if (event) return { record, event }
    damaged.push(record.offset)
  }
  return undefined
}

function extend(runs: Run[], from: number, to: number): void {
  const run = runs.at(-1)
  if (run && run.from + run.count === from && run.to + run.count === to) run.count += 1
  else runs.push({ from, to, count: 1 })
}

/** Remembers the newest ids: two halves, the older of which is forgotten when the newer is full. */
function recentIds() {
  let newer = new Set<string>()
  let older = new Set<string>()
  return {
    has: (id: string) => newer.has(id) || older.has(id),
    add(id: string) {
      if (newer.size >= REMEMBERED_IDS) {
        older = newer
        newer = new Set()
      }
      newer.add(id)
    },
  }
}

function foreign({ topic, partition }: Place, offset: number): StartRefused {
  return new StartRefused(
    `Partition ${partition} of ${topic} holds an event (offset ${offset}) that is not of this shop's log in its order. Give the copy topics of its own (KAFKA_TOPIC_PREFIX), or delete these and make them again with scripts/setup-kafka.sh.`,
  )
}
