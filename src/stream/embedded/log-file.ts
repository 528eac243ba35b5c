import { randomBytes } from 'node:crypto'
import { chmodSync, closeSync, existsSync, openSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { TOPICS } from '../../kernel/event.ts'
import { StartRefused } from '../../kernel/start-refused.ts'
import { MAX_OFFSET, PLACES, topicOf } from './places.ts'

export const LOG_FILE = 'log.db'

/** "TWLG": tells our file from any other database. */
const APPLICATION_ID = 0x54574c47
const LAYOUT = 1
const PAGE_BYTES = 8_192
export const BUSY_TIMEOUT_MS = 5_000

const SCHEMA = `
  CREATE TABLE facts (name TEXT PRIMARY KEY, value ANY) STRICT, WITHOUT ROWID;
  CREATE TABLE topics (id INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT;
  CREATE TABLE partitions (place INTEGER PRIMARY KEY, first INTEGER NOT NULL, next INTEGER NOT NULL) STRICT;
  CREATE TABLE batches (id INTEGER PRIMARY KEY, count INTEGER NOT NULL, at INTEGER NOT NULL, events TEXT NOT NULL) STRICT;
  CREATE TABLE seen (t INTEGER NOT NULL, h INTEGER NOT NULL, PRIMARY KEY (t, h)) STRICT, WITHOUT ROWID;
`

export function logPath(directory: string): string {
  return join(directory, LOG_FILE)
}

/** Whether this folder has a log at all; an empty file is none. */
export function logExists(directory: string): boolean {
  const path = logPath(directory)
  return existsSync(path) && statSync(path).size > 0
}

/** Where a log begins that takes the place of one that is gone. */
export interface LogStart {
  outbox_position: number
  /** Next offset by place. */
  next: ReadonlyMap<number, number>
}

/** Opens for writing, makes the file (0600) when there is none, and refuses one that is not a sound log of ours. */
export function openForWriting(directory: string, start?: LogStart): DatabaseSync {
  const path = logPath(directory)
  const fresh = !logExists(directory)
  if (!fresh) inspect(path)
  closeSync(openSync(path, 'a', 0o600))
  chmodSync(path, 0o600)
  const db = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS })
  return guarded(path, db, () => {
    if (fresh) create(db, start)
    db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY')
    // What retention takes is overwritten with zeros.
    db.exec('PRAGMA secure_delete = ON')
    db.exec(
      'PRAGMA cache_size = -2048; PRAGMA journal_size_limit = 16777216; PRAGMA wal_autocheckpoint = 1000',
    )
    const mode = (db.prepare('PRAGMA journal_mode').get() as { journal_mode: string }).journal_mode
    const synchronous = (db.prepare('PRAGMA synchronous').get() as { synchronous: number }).synchronous
    if (mode !== 'wal' || synchronous !== 2) throw new Error('log.db cannot be written durably (WAL, FULL)')
    return db
  })
}

/** Opens for reading; works beside a server that writes. */
export function openForReading(directory: string): DatabaseSync {
  const path = logPath(directory)
  if (!logExists(directory))
    throw new StartRefused(`There is no ${path}; start the server once, or set DATA_DIR.`)
  const db = new DatabaseSync(path, { readOnly: true, timeout: BUSY_TIMEOUT_MS })
  return guarded(path, db, () => {
    verify(path, db)
    db.exec('PRAGMA cache_size = -2048')
    return db
  })
}

/** Looks before anything is written, so that a file which is not ours stays as it is. */
function inspect(path: string): void {
  openForReadingAt(path).close()
}

function openForReadingAt(path: string): DatabaseSync {
  const db = new DatabaseSync(path, { readOnly: true, timeout: BUSY_TIMEOUT_MS })
  return guarded(path, db, () => {
    verify(path, db)
    return db
  })
}

function create(db: DatabaseSync, start?: LogStart): void {
  db.exec(
    `PRAGMA page_size = ${PAGE_BYTES}; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; BEGIN IMMEDIATE`,
  )
  db.exec(`${SCHEMA} PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${LAYOUT}`)
  const topic = db.prepare('INSERT INTO topics (id, name) VALUES (?, ?)')
  TOPICS.forEach((name, id) => {
    topic.run(id, name)
  })
  const partition = db.prepare('INSERT INTO partitions (place, first, next) VALUES (?, ?, ?)')
  for (let place = 0; place < PLACES; place++) {
    const next = start?.next.get(place) ?? 0
    partition.run(place, next, next)
  }
  const fact = db.prepare('INSERT INTO facts (name, value) VALUES (?, ?)')
  fact.run('outbox_position', start?.outbox_position ?? 0)
  fact.run('seen_key', randomBytes(32))
  db.exec('COMMIT')
}

function verify(path: string, db: DatabaseSync): void {
  const application = (db.prepare('PRAGMA application_id').get() as { application_id: number }).application_id
  const layout = (db.prepare('PRAGMA user_version').get() as { user_version: number }).user_version
  if (application !== APPLICATION_ID)
    throw new StartRefused(
      `${path} is a database of another program. Move it away, or set DATA_DIR to another folder.`,
    )
  if (layout > LAYOUT)
    throw new StartRefused(
      `${path} was written by a newer Tradewind (layout ${layout}, this one knows ${LAYOUT}). Start that version again.`,
    )
  const names = db.prepare('SELECT name FROM topics ORDER BY id').all() as { name: string }[]
  if (names.length !== TOPICS.length || names.some(({ name }, id) => name !== TOPICS[id]))
    throw damaged(path, 'topics')
  verifyEnds(path, db)
}

/** The last row of every partition must end where the partition says it ends. */
function verifyEnds(path: string, db: DatabaseSync): void {
  const last = db.prepare('SELECT id, count FROM batches WHERE id >= ? AND id < ? ORDER BY id DESC LIMIT 1')
  const ends = db.prepare('SELECT place, first, next FROM partitions').all() as {
    place: number
    first: number
    next: number
  }[]
  if (ends.length !== PLACES) throw damaged(path, 'partitions')
  for (const { place, first, next } of ends) {
    const row = last.get(place * MAX_OFFSET, (place + 1) * MAX_OFFSET) as
      | { id: number; count: number }
      | undefined
    const end = row ? (row.id % MAX_OFFSET) + row.count : first
    if (end !== next) throw damaged(path, `end of ${topicOf(place)}`)
  }
}

function guarded(path: string, db: DatabaseSync, open: () => DatabaseSync): DatabaseSync {
  try {
    return open()
  } catch (error) {
    db.close()
    throw explained(path, error)
  }
}

const CORRUPT = 11
const NOT_A_DATABASE = 26

function explained(path: string, error: unknown): unknown {
  const code = ((error as { errcode?: number }).errcode ?? 0) & 0xff
  const message = error instanceof Error ? error.message : String(error)
  if (code === NOT_A_DATABASE)
    return new StartRefused(`${path} is not a database. Move it away, or restore the log from a backup.`)
  if (code === CORRUPT || /no such (table|column)/.test(message)) return damaged(path, message)
  return error
}

function damaged(path: string, what: string): StartRefused {
  return new StartRefused(
    `${path} is damaged (${what}). Stop here, keep a copy, and restore the folder from a backup (npm run restore); without one, move it away and run: npm run new-log`,
  )
}
