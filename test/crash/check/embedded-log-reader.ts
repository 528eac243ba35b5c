import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type EventFact, type LogReader, PARTITIONS } from './facts.ts'

/** A row's id holds its place (topic and partition) above and the offset of its first event below. */
const OFFSETS = 2n ** 40n

/** Reads `log.db` of a folder. */
export function embeddedLogReader(directory: string): LogReader {
  return { repeats: false, read: async () => readLog(directory) }
}

function readLog(directory: string): EventFact[] {
  const db = new DatabaseSync(join(directory, 'log.db'), { readOnly: true })
  try {
    const topics = new Map(
      db
        .prepare('SELECT id, name FROM topics')
        .all()
        .map(({ id, name }) => [Number(id), String(name)]),
    )
    const batches = db.prepare('SELECT id, events FROM batches ORDER BY id')
    batches.setReadBigInts(true)
    return batches.all().flatMap((row) => {
      const id = row.id as bigint
      const place = Number(id / OFFSETS)
      const base = Number(id % OFFSETS)
      const topic = topics.get(Math.floor(place / PARTITIONS)) ?? `topic ${Math.floor(place / PARTITIONS)}`
      return String(row.events)
        .split('\n')
        .filter(Boolean)
        .map((text, index) => record(text, { topic, partition: place % PARTITIONS, offset: base + index }))
    })
  } finally {
    db.close()
  }
}

interface Envelope extends Omit<EventFact, 'key' | 'text'> {
  partitionkey: string
}

function record(text: string, at: Pick<EventFact, 'topic' | 'partition' | 'offset'>): EventFact {
  const { id, type, subject, sequence, time, partitionkey, data } = JSON.parse(text) as Envelope
  return { ...at, key: partitionkey, id, type, subject, sequence, time, data, text }
}
