import type { OutboxEntry } from '../../src/storage/outbox.ts'
import type { Log, LogRecord } from '../../src/stream/stream.ts'
import { type Place, type Reading, soundEvent } from './match.ts'

const PAGE_EVENTS = 1_000
/** A broker takes 1 MiB of one partition at once, and compression comes after it has looked. */
const APPEND_CHARACTERS = 300_000

interface Copying {
  old: Reading
  fresh: Pick<Log, 'appendOutbox'>
  place: Place
  /** Offset in the old log to begin with. */
  from: number
  onCopied(events: number): void
}

/** Appends what follows `from` in one partition of the old log to the new one, in its order. */
export async function copyPartition({ old, fresh, place, from, onCopied }: Copying): Promise<void> {
  const { topic, partition } = place
  const { next: end } = (await old.ends([topic])).find((one) => one.partition === partition)!
  for (let offset = from; offset < end; ) {
    const records = await old.read(topic, partition, offset, PAGE_EVENTS)
    if (records.length === 0) return
    offset = records.at(-1)!.offset + 1
    for (const part of parts(records)) {
      const entries = part.flatMap((record) => entryOf(place, record))
      if (entries.length > 0) await fresh.appendOutbox(entries)
      onCopied(part.length)
    }
  }
}

/** What reads as no event goes nowhere: nobody could ever take it. */
function entryOf({ topic }: Place, record: LogRecord): OutboxEntry[] {
  const event = soundEvent(record)
  return event ? [{ position: record.offset, topic, event, json: record.json }] : []
}

function* parts(records: readonly LogRecord[]): Generator<LogRecord[]> {
  let part: LogRecord[] = []
  let characters = 0
  for (const record of records) {
    if (part.length > 0 && characters + record.json.length > APPEND_CHARACTERS) {
      yield part
      part = []
      characters = 0
    }
    part.push(record)
    characters += record.json.length
  }
  if (part.length > 0) yield part
}
