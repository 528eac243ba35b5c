import type { Clock } from '../../kernel/clock.ts'
import type { Outbox } from '../../storage/outbox.ts'
import { logUnavailable } from '../log-unavailable.ts'
import type { ClickstreamVerdict, Log } from '../stream.ts'
import { refuseLostLog, refuseOtherLog } from './belonging.ts'
import { clickstreamGroups, letterGroups, outboxGroups } from './groups.ts'
import { type LogStart, openForReading } from './log-file.ts'
import { partitionAt, placeOf, placesOf, topicOf } from './places.ts'
import { logReader } from './reader.ts'
import { DEFAULT_RETENTION, type Retention, startRetention } from './retention.ts'
import { visibleLog } from './visible-log.ts'
import { startWriter } from './writer-client.ts'

export interface EmbeddedLogOptions {
  directory: string
  clock: Clock
  /** The storage beside it: a missing file is a loss when events were there, and both files must belong together. */
  outbox?: Pick<Outbox, 'history'>
  retention?: Partial<Retention>
  /** Where a log begins that replaces a lost one. */
  start?: LogStart
  /** Lets tests fill the file without filling a disk. */
  max_pages?: number
}

export interface EmbeddedLog extends Log {
  /** Removes what retention allows, now instead of at its time. */
  trim(): Promise<void>
}

/**
 * Opens the log in `directory` (log.db, made when there is none). Throws StartRefused with a
 * sentence that says what to do: the file is missing, foreign, damaged, newer or of another storage.
 */
export async function openEmbeddedLog(options: EmbeddedLogOptions): Promise<EmbeddedLog> {
  const { directory, clock, max_pages, start } = options
  const history = (await options.outbox?.history()) ?? null
  if (history) refuseLostLog(directory, history)
  const writer = await startWriter({ directory, start, max_pages }, clock)
  if (history) await refuseOtherLog(directory, history, writer)
  const reader = logReader(openForReading(directory))
  const visible = visibleLog(writer, reader)
  let outboxPosition = writer.opened.outbox_position
  const retention = startRetention({
    clock,
    write: visible.write,
    ...DEFAULT_RETENTION,
    ...options.retention,
  })

  return {
    async appendOutbox(entries) {
      if (entries.length === 0) return
      const through = entries.at(-1)!.position
      await visible.write({ kind: 'outbox', through, groups: outboxGroups(entries) })
      outboxPosition = Math.max(outboxPosition, through)
    },
    topicIds: async () => new Map(),
    async outboxPosition() {
      return outboxPosition
    },
    async appendClickstream(events) {
      const { groups, indexes } = clickstreamGroups(events)
      const { appended } = await visible.write({ kind: 'clickstream', groups })
      const verdicts = new Array<ClickstreamVerdict>(events.length).fill('accepted')
      appended.forEach(({ dropped }, group) => {
        for (const index of dropped) verdicts[indexes[group]![index]!] = 'duplicate'
      })
      return verdicts
    },
    async appendDeadLetters(letters) {
      if (letters.length > 0) await visible.write({ kind: 'letters', groups: letterGroups(letters) })
    },
    async read(topic, partition, offset, limit) {
      return visible.read(placeOf(topic, partition), offset, limit)
    },
    async ends(topics) {
      return placesOf(topics).map((place) => ({
        topic: topicOf(place),
        partition: partitionAt(place),
        ...visible.end(place),
      }))
    },
    subscribe: visible.subscribe,
    async check() {
      try {
        reader.ends()
        await writer.write({ kind: 'check' })
      } catch (error) {
        throw logUnavailable((error as Error).message)
      }
    },
    trim: () => retention.run(),
    async close() {
      await retention.stop()
      await visible.stop()
      // The last connection to close folds the write-ahead log into the file; a reader may not.
      reader.close()
      await writer.close()
    },
  }
}

/** What tools read of a log, also beside a running server. */
export type LogReading = Pick<Log, 'read' | 'ends' | 'outboxPosition'> & { close(): void | Promise<void> }

/** Opens an existing log for reading only. */
export function openEmbeddedLogForReading({ directory }: { directory: string }): LogReading {
  const db = openForReading(directory)
  const reader = logReader(db)
  const position = db.prepare("SELECT value FROM facts WHERE name = 'outbox_position'")
  return {
    async outboxPosition() {
      return (position.get() as { value: number }).value
    },
    async read(topic, partition, offset, limit) {
      return reader.read(placeOf(topic, partition), { offset, next: Number.POSITIVE_INFINITY, limit })
    },
    async ends(topics) {
      const wanted = new Set(placesOf(topics))
      return reader
        .ends()
        .filter(({ place }) => wanted.has(place))
        .map(({ place, first, next }) => ({
          topic: topicOf(place),
          partition: partitionAt(place),
          first,
          next,
        }))
    },
    close: () => reader.close(),
  }
}
