import { systemClock as clock } from '../../src/kernel/clock.ts'
import { isRefusal } from '../../src/kernel/errors.ts'
import { createKeptEvents } from '../../src/shop/clickstream/kept-events.ts'
import { clickstreamRepeats } from '../../src/shop/clickstream/repeats.ts'
import { CLICKSTREAM_TOPIC as topic } from '../../src/shop/clickstream/schema.ts'
import { createGone } from '../../src/shop/users/gone.ts'
import type { AppendReaction } from '../../src/stream/reaction.ts'
import type { Placed } from '../../src/stream/repeats.ts'
import type { LogRecord } from '../../src/stream/stream.ts'
import type { Copying } from './copy-storage.ts'
import { soundEvent } from './match.ts'
import { newestFrom } from './newest.ts'
import { movedOffset } from './offsets.ts'
import { runStep } from './step.ts'

const EVENTS = 500

export interface EventsToKeep {
  newest: number
  /** False for a shop that keeps its clickstream elsewhere (EVENTS_COLLECTION=off). */
  kept: boolean
}

/**
 * What staff may ask of the clickstream once the log is Kafka, and which ids of visitors count as known there: from the
 * newest events, because the collection is a copy that grows with each of them.
 */
export async function copyEvents(copying: Copying, { newest, kept }: EventsToKeep): Promise<void> {
  const { source, house, moved } = copying
  const storage = house.reading
  const { reaction } = createKeptEvents({
    storage,
    gone: createGone({ storage }),
    clock,
    retention_seconds: 0,
  })
  const repeats = clickstreamRepeats({ storage, clock })

  for (const [partition, from] of await newestFrom(source.log, topic, newest)) {
    const runs = moved.get(`${topic}/${partition}`) ?? []
    await runStep<LogRecord, number>(copying, {
      name: `events of partition ${partition}`,
      page: (after) => source.log.read(topic, partition, after ?? from, EVENTS),
      positionOf: ({ offset }) => offset + 1,
      async write(records) {
        const placed = records.flatMap((record): Placed[] => {
          const event = soundEvent(record)
          const offset = movedOffset(runs, record.offset + 1) - 1
          return event ? [{ topic, partition, offset, event }] : []
        })
        const again = await repeats.among(placed)
        const fresh = placed.filter((one) => !again.has(one))
        if (kept) await keep(reaction.handle, fresh)
      },
    })
  }
}

/** One that does not fit was parked by the shop's own consumer, too; the others are kept. */
async function keep(handle: AppendReaction['handle'], placed: readonly Placed[]): Promise<void> {
  try {
    await handle(
      placed.map(({ event }) => event),
      placed,
    )
  } catch (error) {
    if (isRefusal(error)) throw error
    if (placed.length > 1) for (const one of placed) await keep(handle, [one])
  }
}
