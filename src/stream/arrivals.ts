import type { CloudEvent, Topic } from '../kernel/event.ts'
import { type Poison, reasonOf } from './dead-letters.ts'
import { eventOf } from './event-of.ts'
import type { Parking } from './parking.ts'
import type { Repeats } from './repeats.ts'
import { gapBefore, type SequenceGate } from './sequence-gate.ts'
import { slices } from './slices.ts'
import type { LogBatch, LogRecord } from './stream.ts'

/** An event of a batch with its place in the log. */
export interface Arrival {
  topic: Topic
  partition: number
  /** `topic/partition`, the name of its entry in a fence. */
  place: string
  offset: number
  event: CloudEvent
  /** Its text is asked of it by those few who want it. */
  record: LogRecord
}

export interface ArrivalsOptions {
  group: string
  parking: Parking
  gate: SequenceGate
  repeats: Repeats
}

/**
 * The events of a batch that the group should handle: parsed, without those of parked subjects and those that stand
 * in the log a second time. What cannot be parsed and what follows a gap is parked.
 */
export async function arrivalsOf(
  batches: readonly LogBatch[],
  { group, parking, gate, repeats }: ArrivalsOptions,
): Promise<Arrival[]> {
  const parsed = await parse(batches, group, parking)
  const [repeated] = await Promise.all([repeats.among(parsed), gate.prepare(parsed)])
  const arrivals: Arrival[] = []
  for (const arrival of parsed) {
    const { topic, offset, event } = arrival
    if (repeated.has(arrival) || parking.holds({ topic, subject: event.subject, offset })) continue
    const verdict = gate.judge(arrival)
    if (verdict === 'apply') arrivals.push(arrival)
    else if (verdict === 'gap') {
      await parking.park(poisonOf(group, arrival, gapBefore(event.sequence)))
    }
  }
  return arrivals
}

async function parse(batches: readonly LogBatch[], group: string, parking: Parking): Promise<Arrival[]> {
  const parsed: Arrival[] = []
  const slice = slices()
  for (const { topic, partition, records } of batches) {
    const place = `${topic}/${partition}`
    for (const record of records) {
      const { offset } = record
      try {
        parsed.push({ topic, partition, place, offset, event: eventOf(record), record })
      } catch (error) {
        const subject = `${place}/${offset}`
        const reason = reasonOf(error)
        await parking.park({
          group,
          topic,
          partition,
          offset,
          subject,
          partitionkey: subject,
          json: record.json,
          reason,
        })
      }
      const rest = slice()
      if (rest) await rest
    }
  }
  return parsed
}

export function poisonOf(
  group: string,
  { topic, partition, offset, event, record }: Arrival,
  reason: string,
): Poison {
  const { subject, partitionkey } = event
  return { group, topic, partition, offset, subject, partitionkey, reason, json: record.json }
}
