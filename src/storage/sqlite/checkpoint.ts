import type { StatementSync } from 'node:sqlite'
import { isDiskFull } from './sqlite-errors.ts'

/** Pages in the write-ahead log at which the checkpointer moves them into the database file. */
export const CHECKPOINT_PAGES = 1_000
/** Length of the log at which the writer moves the rest, so that the log starts again from its beginning. */
export const RESTART_PAGES = 16_000

export interface Checkpoint {
  /** Pages in the log, and how many of them the database file has already. */
  look(): { pages: number; moved: number }
  /** Moves what can be moved without waiting for anybody; throws when a sync failed. */
  move(): void
}

export function createCheckpoint(prepare: (sql: string) => StatementSync): Checkpoint {
  const state = prepare('PRAGMA wal_checkpoint(NOOP)')
  const passive = prepare('PRAGMA wal_checkpoint(PASSIVE)')
  return {
    look() {
      const row = state.get() as { log: number; checkpointed: number }
      return { pages: row.log, moved: row.checkpointed }
    },
    move() {
      try {
        passive.get()
      } catch (error) {
        // Without room the pages stay in the log, where they are safe.
        if (!isDiskFull(error)) throw error
      }
    },
  }
}
