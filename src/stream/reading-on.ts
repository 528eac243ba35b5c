import { setImmediate as turn } from 'node:timers/promises'
import type { Clock } from '../kernel/clock.ts'
import { isRefusal } from '../kernel/errors.ts'
import type { CloudEvent, Topic } from '../kernel/event.ts'
import type { Logger } from '../kernel/logger.ts'
import { type Arrival, poisonOf } from './arrivals.ts'
import { Conflict, conflictOf } from './conflicts.ts'
import { consumerLetter, reasonOf } from './dead-letters.ts'
import { eventOf } from './event-of.ts'
import { Superseded } from './generation.ts'
import type { Parked, Parking } from './parking.ts'
import type { Repeats } from './repeats.ts'
import { gapBefore, isGap, type SequenceGate } from './sequence-gate.ts'
import type { Log, LogRecord, PartitionEnds } from './stream.ts'
import { placeOf } from './take-up.ts'

/** Records of one read of the log. */
const READ_EVENTS = 500

export interface ReadingOnOptions {
  group: string
  log: Pick<Log, 'read' | 'ends' | 'appendDeadLetters'>
  parking: Pick<Parking, 'asked' | 'amend'>
  gate: SequenceGate
  repeats: Repeats
  clock: Clock
  logger: Logger
  owns(topic: Topic, partition: number): boolean
  /** Takes one event of a parked subject; throws when it cannot. */
  takeLate(arrival: Arrival): Promise<void>
}

interface Failed {
  arrival: Arrival | undefined
  offset: number
  reason: string
}

/**
 * Reads on the parked subjects that somebody asked for: from where each was parked to the end of its partition as it is now.
 * What comes behind is read with all others; what lies before it, and the group has not reached yet, is passed by then. To be
 * called between two batches of the group. After a crash it is done again, and each event counts once (late-fence.ts).
 */
export function readingOn(options: ReadingOnOptions): () => Promise<void> {
  const { group, log, parking, gate, repeats, clock, logger, owns, takeLate } = options

  /** False for an event that was taken before, or stands in the log twice. Throws for one that cannot be taken. */
  async function take(arrival: Arrival): Promise<void> {
    await gate.prepare([arrival])
    const verdict = gate.judge(arrival)
    if (verdict === 'gap') throw new Error(gapBefore(arrival.event.sequence))
    if (verdict === 'drop') return
    await takeLate(arrival)
    if (gate.keeps && !(await gate.save([]))) throw conflictOf(group)
  }

  /** The first event that still cannot be taken; undefined when all of them are. */
  async function through(note: Parked, end: PartitionEnds): Promise<Failed | undefined> {
    const { topic, partition } = note
    for (let offset = Math.max(from(note, gate, end), end.first); offset < end.next; ) {
      const records = await log.read(topic, partition, offset, READ_EVENTS)
      if (records.length === 0) return undefined
      // The embedded log answers at once, and there may be millions of other subjects' events.
      await turn()
      offset = records.at(-1)!.offset + 1
      const inTime = records.filter((record) => record.offset < end.next)
      const { arrivals, failed } = sorted(note, inTime)
      const again = await repeats.among(arrivals)
      for (const arrival of arrivals) {
        if (again.has(arrival) || !isOf(note, arrival)) continue
        try {
          await take(arrival)
        } catch (error) {
          if (isPassing(error)) throw error
          return { arrival, offset: arrival.offset, reason: reasonOf(error) }
        }
      }
      if (failed) return failed
    }
    return undefined
  }

  async function readOn(note: Parked): Promise<void> {
    const { asked: _, ...parked } = note
    const { topic, subject, partition } = note
    const end = (await log.ends([topic])).find((one) => one.partition === partition)
    if (!end) return
    const failed = await through(note, end)
    if (!failed) {
      if (await parking.amend(note, { ...parked, settled: true, resumed: end.next }))
        logger.info({ group, topic, subject }, 'a parked subject was read on')
      return
    }
    const { arrival, offset, reason } = failed
    const now = clock.now()
    if (arrival && offset !== note.offset)
      await log.appendDeadLetters([consumerLetter(poisonOf(group, arrival, reason), now)])
    await parking.amend(note, { ...parked, offset, reason, at: new Date(now).toISOString() })
    logger.error({ group, topic, subject, offset, reason }, 'a parked subject could not be read on')
  }

  return async () => {
    for (const note of parking.asked()) if (owns(note.topic, note.partition)) await readOn(note)
  }
}

/** What a gap stands before may have come by now, or lie in the log where it was passed by; sequences tell what was taken. */
function from({ offset, reason }: Parked, { keeps }: SequenceGate, { first }: PartitionEnds): number {
  return keeps && isGap(reason) ? first : offset
}

/** The records as arrivals; of those that cannot be read only the one that was parked for it matters here. */
function sorted(note: Parked, records: readonly LogRecord[]) {
  const arrivals: Arrival[] = []
  let failed: Failed | undefined
  for (const record of records) {
    const { topic, partition } = note
    const { offset } = record
    try {
      const event: CloudEvent = eventOf(record)
      arrivals.push({ topic, partition, place: placeOf(note), offset, event, record })
    } catch (error) {
      if (isDamaged(note) && offset === note.offset)
        failed = { arrival: undefined, offset, reason: reasonOf(error) }
    }
  }
  return { arrivals, failed }
}

/** A text that names no subject is parked under its own place. */
function isDamaged(note: Parked): boolean {
  return note.subject === `${placeOf(note)}/${note.offset}`
}

function isOf(note: Parked, { event, offset }: Arrival): boolean {
  return isDamaged(note) ? offset === note.offset : event.subject === note.subject
}

/** No fault of the event: it is tried again. */
function isPassing(error: unknown): boolean {
  return (
    (isRefusal(error) && error.kind === 'unavailable') ||
    error instanceof Conflict ||
    error instanceof Superseded
  )
}
