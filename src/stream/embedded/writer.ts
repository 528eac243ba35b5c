import type { DatabaseSync } from 'node:sqlite'
import { parentPort, workerData } from 'node:worker_threads'
import { StartRefused } from '../../kernel/start-refused.ts'
import { logOperations } from './append.ts'
import { BUSY_TIMEOUT_MS, type LogStart, openForWriting } from './log-file.ts'
import type { FromWriter, Outcome, ToWriter, Write } from './writes.ts'

/**
 * The writer thread: a message is a batch, a batch is one transaction and one fsync. Each write has a
 * savepoint of its own, and none is answered before COMMIT has returned.
 */
export interface WriterData {
  directory: string
  start?: LogStart
  /** Lets tests fill the file without filling a disk. */
  max_pages?: number
}

const SQLITE_FULL = 13
const SQLITE_IOERR = 10
const SQLITE_IOERR_FSYNC = SQLITE_IOERR | (4 << 8)
const SQLITE_IOERR_DIR_FSYNC = SQLITE_IOERR | (5 << 8)

const port = parentPort!
const say = (message: FromWriter) => port.postMessage(message)

function open({ directory, start, max_pages }: WriterData): DatabaseSync | undefined {
  try {
    const db = openForWriting(directory, start)
    if (max_pages) db.exec(`PRAGMA max_page_count = ${max_pages}`)
    return db
  } catch (error) {
    if (!(error instanceof StartRefused)) throw error
    say({ kind: 'refused', message: error.message })
    return undefined
  }
}

function failure(error: unknown): Outcome {
  const code = (error as { errcode?: number }).errcode ?? 0
  // After a failed fsync nobody knows what the disk holds; the only safe way on is a new start.
  if (code === SQLITE_IOERR_FSYNC || code === SQLITE_IOERR_DIR_FSYNC) throw error
  const primary = code & 0xff
  const unavailable = primary === SQLITE_FULL || primary === SQLITE_IOERR
  return { ok: false, unavailable, message: error instanceof Error ? error.message : String(error) }
}

function serve(db: DatabaseSync): void {
  const operations = logOperations(db)
  const begin = db.prepare('BEGIN IMMEDIATE')
  const commit = db.prepare('COMMIT')
  const mark = db.prepare('SAVEPOINT one')
  const release = db.prepare('RELEASE one')

  const one = (write: Write, now: number): Outcome => {
    mark.run()
    try {
      const result = operations.run(write, now)
      release.run()
      return { ok: true, result }
    } catch (error) {
      const outcome = failure(error)
      if (db.isTransaction) db.exec('ROLLBACK TO one; RELEASE one')
      return outcome
    }
  }

  const batch = (writes: Write[], now: number): Outcome[] => {
    const outcomes: Outcome[] = []
    try {
      begin.run()
      for (const write of writes) {
        const outcome = one(write, now)
        outcomes.push(outcome)
        // A full disk rolls the whole transaction back, savepoints and all: then every write of it failed.
        if (!db.isTransaction) return writes.map(() => outcome)
      }
      commit.run()
      return outcomes
    } catch (error) {
      const outcome = failure(error)
      if (db.isTransaction) db.exec('ROLLBACK')
      return writes.map(() => outcome)
    }
  }

  /** The write-ahead log still holds what was trimmed. A reader that is in the way does not keep the writer waiting. */
  const foldLog = () => {
    db.exec('PRAGMA busy_timeout = 0')
    try {
      db.exec('PRAGMA wal_checkpoint(TRUNCATE)')
    } catch (error) {
      // Without room it stays as it is; a failed sync is thrown on.
      failure(error)
    } finally {
      db.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`)
    }
  }

  port.on('message', (message: ToWriter) => {
    if (message === 'close') {
      db.close()
      say({ kind: 'closed' })
      port.close()
      return
    }
    const outcomes = batch(message.writes, message.now)
    if (trimmedAll(outcomes)) foldLog()
    say({ kind: 'written', outcomes })
  })
  const ends = db.prepare('SELECT place, first, next FROM partitions').all() as {
    place: number
    first: number
    next: number
  }[]
  say({ kind: 'opened', outbox_position: operations.outboxPosition(), ends })
}

/** Whether retention took something and is through with it. */
function trimmedAll(outcomes: readonly Outcome[]): boolean {
  return outcomes.some((outcome) => outcome.ok && outcome.result.firsts.length > 0 && !outcome.result.more)
}

const db = open(workerData as WriterData)
if (db) serve(db)
