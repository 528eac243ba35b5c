import { setImmediate as turn } from 'node:timers/promises'
import type { CloudEvent, Topic } from '../kernel/event.ts'
import { type Poison, reasonOf } from './dead-letters.ts'
import { eventOf } from './event-of.ts'
import type { Parking } from './parking.ts'
import type { SequenceGate } from './sequence-gate.ts'
import type { LogBatch } from './stream.ts'

/** How long a group works before it gives the event loop to requests. */
const SLICE_MS = 4
const EVENTS_BETWEEN_LOOKS = 32

/** An event of a batch with its place in the log. */
export interface Arrival {
  topic: Topic
  partition: number
  /** `topic/partition`, the name of its entry in a fence. */
  place: string
  offset: number
  event: CloudEvent
  json: string
}

/** Lets others run when this group has worked for its slice. */
export function slices({ looks: every = EVENTS_BETWEEN_LOOKS } = {}): () => Promise<void> | undefined {
  let looks = 0
  let end = performance.now() + SLICE_MS
  return () => {
    if (++looks % every !== 0 || performance.now() < end) return undefined
    return turn().then(() => {
      end = performance.now() + SLICE_MS
    })
  }
}

/**
 * The events of a batch that the group should handle: parsed, without those of parked subjects and those the
 * sequence says were seen. What cannot be parsed and what follows a gap is parked.
 */
export async function arrivalsOf(
  batches: readonly LogBatch[],
  { group, parking, gate }: { group: string; parking: Parking; gate: SequenceGate },
): Promise<Arrival[]> {
  const parsed: Arrival[] = []
  const slice = slices()
  for (const { topic, partition, records } of batches) {
    const place = `${topic}/${partition}`
    for (const record of records) {
      const { offset, json } = record
      try {
        parsed.push({ topic, partition, place, offset, event: eventOf(record), json })
      } catch (error) {
        const subject = `${place}/${offset}`
        await parking.park({
          group,
          topic,
          partition,
          offset,
          subject,
          partitionkey: subject,
          json,
          reason: reasonOf(error),
        })
      }
      const rest = slice()
      if (rest) await rest
    }
  }
  await gate.prepare(parsed)
  const arrivals: Arrival[] = []
  for (const arrival of parsed) {
    const { topic, offset, event } = arrival
    if (parking.holds({ topic, subject: event.subject, offset })) continue
    const verdict = gate.judge(arrival.topic, arrival.event)
    if (verdict === 'apply') arrivals.push(arrival)
    else if (verdict === 'gap') {
      await parking.park(poisonOf(group, arrival, `sequence ${arrival.event.sequence} follows a gap`))
    }
  }
  return arrivals
}

export function poisonOf(
  group: string,
  { topic, partition, offset, event, json }: Arrival,
  reason: string,
): Poison {
  const { subject, partitionkey } = event
  return { group, topic, partition, offset, subject, partitionkey, reason, json }
}
