import type { CloudEvent } from '../kernel/event.ts'
import type { LogRecord } from './stream.ts'

/** The parsed event of a record; parsed once for all groups that hold the same record. Throws on damaged text. */
export function eventOf(record: LogRecord): CloudEvent {
  record.event ??= JSON.parse(record.json) as CloudEvent
  return record.event
}
