import type { Db } from 'mongodb'
import type { Clock } from '../../kernel/clock.ts'
import type { CloudEvent, Topic } from '../../kernel/event.ts'

/** What the parts of the engine share: the database and how work is done on it. */
export interface MongoEngine {
  db: Db
  clock: Clock
  /** Name of the collection whose documents have a listing. */
  listed: string
  /**
   * Does work on the database. Rejects with the port's refusals for what the driver throws: `storage_unavailable` when
   * it is away, its pool is full or the storage is closing; whatever was written by then is as it would be after a crash.
   */
  run<Result>(work: () => Promise<Result>): Promise<Result>
  /** Tells the mover of events that this document has some in its `_outbox`. */
  told(collection: string, id: string): void
}

export interface DocumentEngine extends MongoEngine {
  /** Moves the events that wait in these documents to the outbox now, whoever is to move them otherwise. */
  moveEvents(collection: string, ids: readonly string[]): Promise<void>
}

/**
 * An event as it lies in its document's `_outbox` until it is moved to the collection `outbox`. A document with such
 * events has `_pending`, the range of their key (partitionOf), by whose sparse index a sweep finds it after a crash.
 */
export interface PendingEvent {
  topic: Topic
  /** Milliseconds. */
  at: number
  event: CloudEvent
}
