import { setTimeout as sleep } from 'node:timers/promises'
import { TOPICS, type Topic } from '../../src/kernel/event.ts'
import { StartRefused } from '../../src/kernel/start-refused.ts'
import { EventsRefused } from '../../src/stream/events-refused.ts'
import type { Log, PartitionEnds } from '../../src/stream/stream.ts'
import { copyPartition } from './copy-log.ts'
import { type Match, matchPartition, type Reading } from './match.ts'
import type { Runs } from './offsets.ts'
import { lines, type Say, steadily } from './step.ts'

const MAX_LOOKS = 5
const FIRST_PAUSE_MS = 100

/** One partition of the log in both places. */
export interface MovedPartition extends Match {
  topic: Topic
  partition: number
}

/**
 * Brings the whole log to another one, partition by partition, and says where each event lies there. What the other one
 * has already, by an earlier run, it does not get again: its contents say how far that came.
 */
export async function moveLog(logs: { old: Reading; fresh: Log }, say: Say): Promise<MovedPartition[]> {
  const old = logs.old
  const fresh: Log = {
    ...logs.fresh,
    appendOutbox: (entries) => steadily(() => logs.fresh.appendOutbox(entries)).catch(refused),
    read: (...place) => steadily(() => logs.fresh.read(...place)),
    ends: (topics) => steadily(() => logs.fresh.ends(topics)),
  }
  // All of it before the first event is sent: topics that hold something else are refused as they were.
  const moved: MovedPartition[] = []
  const looked = lines(say)
  for (const end of await old.ends(TOPICS)) {
    moved.push(await match({ old, fresh }, end))
    const there = moved.reduce((sum, one) => sum + one.fresh.count, 0)
    if (there > 0) looked(`${end.topic}: looked for what is there already, ${there} events so far`)
  }
  for (const [topic, partitions] of Map.groupBy(moved, (one) => one.topic)) {
    const tell = lines(say)
    let copied = 0
    const onCopied = (events: number) => {
      copied += events
      tell(`${topic}: ${copied} events sent`)
    }
    for (const end of await old.ends([topic])) {
      const place = partitions.find(({ partition }) => partition === end.partition)!
      if (place.from >= end.next) continue
      await copyPartition({ old, fresh, place, from: place.from, onCopied })
      Object.assign(place, await matchWhole({ old, fresh }, end))
    }
    const all = partitions.reduce((sum, one) => sum + one.old.count, 0)
    if (all > 0) say(`${topic}: ${all} events are there, ${copied} of them sent now`)
  }
  return moved
}

/** A partition that just got another leader may show its end late; what never shows was not kept. */
async function matchWhole(
  logs: { old: Reading; fresh: Reading },
  end: PartitionEnds,
): Promise<MovedPartition> {
  for (let look = 1; ; look++) {
    const found = await match(logs, end)
    if (found.from >= end.next) return found
    if (look === MAX_LOOKS)
      throw new StartRefused(
        `Partition ${end.partition} of ${end.topic} does not hold what it confirmed: the event at ${found.from} of the old log, of ${end.next}, is missing. Repeat the command; it goes on there.`,
      )
    await sleep(FIRST_PAUSE_MS * 2 ** look)
  }
}

async function match(
  logs: { old: Reading; fresh: Reading },
  { topic, partition }: PartitionEnds,
): Promise<MovedPartition> {
  const place = { topic, partition }
  return { ...place, ...(await matchPartition(logs, place)) }
}

export function runsOf(moved: readonly MovedPartition[]): Runs {
  return new Map(moved.map(({ topic, partition, runs }) => [`${topic}/${partition}`, runs]))
}

function refused(error: unknown): never {
  if (!(error instanceof EventsRefused)) throw error
  throw new StartRefused(
    `Kafka refuses an event that the old log holds: ${error.refused[0]?.reason} Let the topics take records of 1 MiB (max.message.bytes), then repeat the command.`,
    error,
  )
}
