import type { CloudEvent } from '../../kernel/event.ts'
import type { LogRecord } from '../stream.ts'
import { damagedText, decode, type RawHeaders } from './envelope.ts'

/** A record of ours: it comes parsed, and its text is made for the few who want it. */
class ParsedRecord implements LogRecord {
  readonly offset: number
  readonly event: CloudEvent

  constructor(offset: number, event: CloudEvent) {
    this.offset = offset
    this.event = event
  }

  get json(): string {
    return JSON.stringify(this.event)
  }
}

/** Who reads one that is damaged, or none of ours, will say so: it comes as text. */
export function recordOf(offset: number, headers: RawHeaders, value: Buffer | null): LogRecord {
  const event = decode(headers, value)
  return event ? new ParsedRecord(offset, event) : { offset, json: damagedText(headers, value) }
}
