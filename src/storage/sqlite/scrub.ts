import { statfsSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import { pragma } from './connection.ts'
import { type BatchAnswer, failure, type Request, unavailable } from './messages.ts'
import type { Part } from './part.ts'
import { isFailedSync } from './sqlite-errors.ts'

export const SCRUB = 'scrub'
/** Readers hold an old state, and the checkpointer its lock, for less than all tries take; meanwhile writes wait. */
const TRIES = 10
const WAIT_FOR_READERS_MS = 100
const PAUSE_MS = 50
/** A file up to this size is written anew, which takes about a second and as much memory. */
export const WRITTEN_ANEW_BYTES = 64 * 1_024 * 1_024

/** Asks for a scrub in the order of the writes. */
export const scrubPart: Part = { schema: '', writes: () => ({ [SCRUB]: () => null }), reads: () => ({}) }

/**
 * Sees to it, when the batch asks for it, that the files hold nothing that was deleted. `secure_delete` overwrites what is deleted
 * where it lies, but when a page was rebalanced before, a copy may be left in the room between its rows: so a file that is not
 * large is written anew, where there is room for it. Then the write-ahead log, which holds old states of pages, is folded into the file and cut to nothing. All
 * of it comes behind the batch, whose transaction the log carries. A scrub that readers were in the way of is refused, and may be
 * asked for again.
 */
export function scrubbed(db: DatabaseSync, batch: readonly Request[], answer: BatchAnswer): BatchAnswer {
  if (answer.failed || answer.fatal !== undefined || !batch.some(({ kind }) => kind === SCRUB)) return answer
  try {
    if (isEmptied(db)) return answer
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

/** False when somebody was in the way. Nothing is written anew while somebody is: it would lie in the log twice over. */
function isEmptied(db: DatabaseSync): boolean {
  if (!foldsLog(db)) return false
  if (!isWrittenAnew(db)) return true
  db.exec('VACUUM')
  return foldsLog(db)
}

/** The new file lies in the log before it lies in the old one's place. */
function isWrittenAnew(db: DatabaseSync): boolean {
  const bytes = Number(pragma(db, 'page_count')) * Number(pragma(db, 'page_size'))
  if (bytes > WRITTEN_ANEW_BYTES) return false
  const { bavail, bsize } = statfsSync(db.location()!)
  return bavail * bsize >= 2 * bytes
}

/** False when somebody was in the way. */
function foldsLog(db: DatabaseSync): boolean {
  const timeout = pragma(db, 'busy_timeout')
  const fold = db.prepare('PRAGMA wal_checkpoint(TRUNCATE)')
  db.exec(`PRAGMA busy_timeout = ${WAIT_FOR_READERS_MS}`)
  try {
    for (let tries = 0; tries < TRIES; tries++) {
      if ((fold.get() as { busy: number }).busy === 0) return true
      pause()
    }
    return false
  } finally {
    db.exec(`PRAGMA busy_timeout = ${timeout}`)
  }
}

/** The writer's thread has nothing else to do. */
function pause(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS)
}

function refused(batch: readonly Request[], answer: BatchAnswer, why: Error): BatchAnswer {
  const outcomes = answer.outcomes.map((outcome, place) =>
    batch[place]!.kind === SCRUB ? failure(why) : outcome,
  )
  return { ...answer, outcomes }
}
