import type { WriterContext } from './part.ts'
import { isDiskFull } from './sqlite-errors.ts'

/** Pages that may gather in the write-ahead log before they are moved into the database file. */
const CHECKPOINT_PAGES = 4_000
/** Batches between two looks at how long the log is. */
const BATCHES_BETWEEN_LOOKS = 16

export interface Checkpoints {
  /** After each batch; throws when a sync failed. */
  afterBatch(): void
  /** Moves everything that can be moved now. */
  now(): void
}

/** Moves the write-ahead log into the database between two batches, where a failure is seen. */
export function createCheckpoints(prepare: WriterContext['prepare']): Checkpoints {
  const look = prepare('PRAGMA wal_checkpoint(NOOP)')
  const move = prepare('PRAGMA wal_checkpoint(PASSIVE)')
  let batches = 0

  function now(): void {
    try {
      move.all()
    } catch (error) {
      // Without room the pages stay in the log, where they are safe; a later look tries again.
      if (!isDiskFull(error)) throw error
    }
  }

  return {
    now,
    afterBatch() {
      batches += 1
      if (batches % BATCHES_BETWEEN_LOOKS !== 0) return
      const state = look.all()[0] as { log: number; checkpointed: number }
      if (state.log - state.checkpointed >= CHECKPOINT_PAGES) now()
    },
  }
}
