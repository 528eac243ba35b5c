import type { DatabaseSync } from 'node:sqlite'
import { type BatchAnswer, failure, type Request, unavailable } from './messages.ts'
import type { Part } from './part.ts'
import { isFailedSync } from './sqlite-errors.ts'

export const SCRUB = 'scrub'
/** A reader holds an old state for less than that; meanwhile writes wait. */
const WAIT_FOR_READERS_MS = 1_000

/** Asks for a scrub in the order of the writes. */
export const scrubPart: Part = { schema: '', writes: () => ({ [SCRUB]: () => null }), reads: () => ({}) }

/**
 * Folds the write-ahead log into the file and cuts it to nothing when the batch asks for it: the log holds old states of pages,
 * the file none, since what is deleted there is overwritten (`secure_delete`). It comes behind the batch, whose transaction the log
 * carries. A scrub that readers were in the way of is refused, and may be asked for again.
 */
export function scrubbed(db: DatabaseSync, batch: readonly Request[], answer: BatchAnswer): BatchAnswer {
  if (answer.failed || answer.fatal !== undefined || !batch.some(({ kind }) => kind === SCRUB)) return answer
  try {
    if (foldsLog(db)) return answer
    return refused(batch, answer, unavailable('Readers are in the way of emptying the write-ahead log.'))
  } catch (error) {
    if (isFailedSync(error)) return { outcomes: [], told: false, fatal: (error as Error).message }
    return refused(
      batch,
      answer,
      unavailable(`The write-ahead log could not be emptied: ${(error as Error).message}.`),
    )
  }
}

/** False when a reader was in the way. */
function foldsLog(db: DatabaseSync): boolean {
  const { timeout } = db.prepare('PRAGMA busy_timeout').get() as { timeout: number }
  db.exec(`PRAGMA busy_timeout = ${WAIT_FOR_READERS_MS}`)
  try {
    return (db.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get() as { busy: number }).busy === 0
  } finally {
    db.exec(`PRAGMA busy_timeout = ${timeout}`)
  }
}

function refused(batch: readonly Request[], answer: BatchAnswer, why: Error): BatchAnswer {
  const outcomes = answer.outcomes.map((outcome, place) =>
    batch[place]!.kind === SCRUB ? failure(why) : outcome,
  )
  return { ...answer, outcomes }
}
