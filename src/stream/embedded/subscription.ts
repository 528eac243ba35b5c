import { setImmediate as turn } from 'node:timers/promises'
import {
  BATCH_EVENTS,
  type LogBatch,
  type LogRecord,
  type SubscribeOptions,
  type Subscription,
} from '../stream.ts'
import { type Place, partitionAt, placeOf, placesOf, topicOf } from './places.ts'

/** What one partition gives to a batch before the others have their turn. */
const PARTITION_EVENTS = 1_000
/** What a batch gathers, in characters, before it is handed over; parsed it takes three times as much, and each group has one. */
const BATCH_CHARACTERS = 2 * 1024 * 1024
const FIRST_RETRY_MS = 100
const LAST_RETRY_MS = 10_000

/** What a group needs of the log: where a place ends, and its events. */
export interface Source {
  next(place: Place): number
  read(place: Place, offset: number, limit: number): LogRecord[]
}

export interface EmbeddedSubscription extends Subscription {
  /** New events are there. */
  wake(): void
}

/** One loop per group: gathers what is new over its partitions, hands it over, goes on where it ended. */
export function subscription(source: Source, options: SubscribeOptions): EmbeddedSubscription {
  const places = placesOf(options.topics)
  const positions = new Map<Place, number>()
  const gather = gatherer(source, places, positions)
  let stopped = false
  let wakened = false
  let idle: (() => void) | undefined
  const { pause, end } = pauses()

  /** Tries until it succeeds or the group is stopped. */
  const insist = async <T>(work: () => Promise<T>): Promise<T | undefined> => {
    for (let delay = FIRST_RETRY_MS; !stopped; delay = Math.min(delay * 2, LAST_RETRY_MS)) {
      try {
        return await work()
      } catch (error) {
        options.onError(error)
        await pause(delay)
      }
    }
    return undefined
  }

  const run = async () => {
    await insist(async () => {
      for (const place of places)
        positions.set(place, await options.position(topicOf(place), partitionAt(place)))
    })
    while (!stopped) {
      wakened = false
      const batches = (await insist(gather)) ?? []
      if (batches.length === 0) {
        if (!wakened && !stopped) await new Promise<void>((resolve) => (idle = resolve))
        continue
      }
      const done = await insist(async () => {
        await options.handle(batches)
        return true
      })
      if (!done) continue
      for (const { topic, partition, next } of batches) positions.set(placeOf(topic, partition), next)
      if (!isFull(batches)) await pause(options.linger_ms)
    }
  }

  const running = run()
  return {
    wake() {
      wakened = true
      idle?.()
    },
    owns: (topic, partition) => positions.has(placeOf(topic, partition)),
    async lag() {
      let lag = 0
      for (const place of places) lag += source.next(place) - (positions.get(place) ?? 0)
      return lag
    },
    async stop() {
      stopped = true
      end()
      idle?.()
      await running
    },
  }
}

/** Whether so much was there that the next batch needs no time to fill. */
function isFull(batches: readonly LogBatch[]): boolean {
  const records = batches.flatMap((batch) => batch.records)
  return records.length >= BATCH_EVENTS / 2 || charactersOf(records) >= BATCH_CHARACTERS / 2
}

function charactersOf(records: readonly LogRecord[]): number {
  return records.reduce((sum, { json }) => sum + json.length, 0)
}

/** Pauses that end early when everything ends. */
function pauses() {
  const { promise: ended, resolve: end } = Promise.withResolvers<void>()
  const pause = async (ms: number) => {
    let timer: NodeJS.Timeout | undefined
    const over = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, ms)
    })
    await Promise.race([over, ended])
    clearTimeout(timer)
  }
  return { pause, end }
}

/** The next events of the places, each in its turn first. */
function gatherer(source: Source, places: readonly Place[], positions: Map<Place, number>) {
  let start = 0
  return async (): Promise<LogBatch[]> => {
    const batches: LogBatch[] = []
    let room = BATCH_EVENTS
    let characters = 0
    for (let step = 0; step < places.length && room > 0 && characters < BATCH_CHARACTERS; step++) {
      const place = places[(start + step) % places.length]!
      const position = positions.get(place)!
      if (position >= source.next(place)) continue
      if (room < BATCH_EVENTS - PARTITION_EVENTS) await turn()
      const records = source.read(place, position, Math.min(PARTITION_EVENTS, room))
      if (records.length === 0) {
        // Retention took all of it.
        positions.set(place, source.next(place))
        continue
      }
      room -= records.length
      characters += charactersOf(records)
      const next = records.at(-1)!.offset + 1
      batches.push({ topic: topicOf(place), partition: partitionAt(place), records, next })
    }
    start = (start + 1) % places.length
    return batches
  }
}
