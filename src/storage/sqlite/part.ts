import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { StampedEvent } from '../stamp.ts'

/**
 * A part of the engine: a named operation or the documents themselves. Its writes run in the writer thread,
 * its long reads in the reading worker; both threads load the same list of parts (parts.ts).
 */
export interface Part {
  /** Tables, indexes and triggers; may be run again. */
  schema: string
  /** By kind. Each call runs in a savepoint of its own inside the batch's transaction; a throw undoes that call alone. */
  writes(context: WriterContext): Record<string, Handler>
  /** By kind. Short statements in pages, never an unfinished iterator. */
  reads(context: ReaderContext): Record<string, Handler>
}

// biome-ignore lint/suspicious/noExplicitAny: inputs are plain data that the same part sends and takes
export type Handler = (input: any) => unknown

export interface ReaderContext {
  db: DatabaseSync
  /** Prepares once per connection. */
  prepare(sql: string): StatementSync
}

export interface WriterContext extends ReaderContext {
  /** Adds to the outbox in the same transaction. */
  tell(event: Pick<StampedEvent, 'topic' | 'json'>): void
}

/** What a part has on the main thread. */
export interface Engine {
  /** Resolves when the change is on disk. */
  write<Result>(kind: string, input: unknown): Promise<Result>
  /** In the reading worker. */
  read<Result>(kind: string, input: unknown): Promise<Result>
  /** The main thread's read-only connection: by key or index, with a limit. */
  prepare(sql: string): StatementSync
}
