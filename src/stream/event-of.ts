import type { CloudEvent } from '../kernel/event.ts'
import type { LogRecord } from './stream.ts'

/**
 * The parsed event of a record; parsed once for all groups that hold the same record. Throws on damaged text and
 * on what is no CloudEvent: anybody with the right may produce to a topic.
 */
export function eventOf(record: LogRecord): CloudEvent {
  record.event ??= cloudEvent(JSON.parse(record.json))
  return record.event
}

const TEXTS = ['id', 'type', 'subject', 'time', 'partitionkey', 'actor'] as const

/** Checks that something parsed is one of our events; throws with what it lacks. */
export function cloudEvent(given: unknown): CloudEvent {
  if (typeof given !== 'object' || given === null) throw new Error('it is no CloudEvent')
  const event = given as Partial<CloudEvent>
  for (const name of TEXTS) {
    if (typeof event[name] !== 'string') throw new Error(`it is no CloudEvent: \`${name}\` is missing`)
  }
  if (!Number.isSafeInteger(event.sequence) || event.sequence! < 0)
    throw new Error('it is no CloudEvent of ours: `sequence` is not a count')
  if (Number.isNaN(Date.parse(event.time!)))
    throw new Error('it is no CloudEvent: `time` is not a time of the calendar')
  if (event.data === undefined) throw new Error('it is no CloudEvent of ours: it has no data')
  return event as CloudEvent
}
