import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { boundedCache } from '../../kernel/bounded-cache.ts'

/** How long a statement waits for a lock that another process holds. */
const BUSY_TIMEOUT_MS = 5_000
/** What is not kept of the file lies in the memory of the operating system, a few microseconds away. */
const WRITER_CACHE_KIB = 6 * 1024
const READER_CACHE_KIB = 4 * 1024
/** Searches and counts walk far. */
export const WALKER_CACHE_KIB = 16 * 1024
/** Each may take some 10 KB. */
const MAX_STATEMENTS = 500
/** A write-ahead log that grew larger than this is cut when it starts again. */
const WAL_SIZE_LIMIT_BYTES = 64 * 1024 * 1024

/**
 * The one connection that writes. Every commit is on disk when it returns; this is checked, not assumed. The
 * file grows to `max_pages`, when given, and is full then.
 */
export function openWriting(path: string, max_pages?: number): DatabaseSync {
  const db = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS })
  // Checkpoints are made by the writer itself, because an automatic one swallows its errors.
  db.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA wal_autocheckpoint = 0;
    PRAGMA secure_delete = ON;
    PRAGMA journal_size_limit = ${WAL_SIZE_LIMIT_BYTES};
    PRAGMA temp_store = MEMORY;
    PRAGMA cache_size = -${WRITER_CACHE_KIB};
  `)
  if (max_pages !== undefined) db.exec(`PRAGMA max_page_count = ${max_pages}`)
  assertPragma(db, 'journal_mode', 'wal')
  assertPragma(db, 'synchronous', 2)
  // What is deleted is overwritten with zeros, also on pages that are free from then on.
  assertPragma(db, 'secure_delete', 1)
  return db
}

/** A connection that cannot write and sees every commit made before its statement began. */
export function openReading(path: string, cache_kib = READER_CACHE_KIB): DatabaseSync {
  const db = new DatabaseSync(path, { readOnly: true, timeout: BUSY_TIMEOUT_MS })
  db.exec(`PRAGMA query_only = ON; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -${cache_kib};`)
  return db
}

/** Keeps the statements that were used last: what lists ask for varies with their filters. */
export function statementCache(db: DatabaseSync): (sql: string) => StatementSync {
  const statements = boundedCache<StatementSync>(MAX_STATEMENTS)
  return (sql) => {
    let statement = statements.get(sql)
    if (!statement) {
      statement = db.prepare(sql)
      statements.set(sql, statement)
    }
    return statement
  }
}

/** The single value of a pragma. */
export function pragma(db: DatabaseSync, name: string): unknown {
  const row = db.prepare(`PRAGMA ${name}`).get()
  return row && Object.values(row)[0]
}

function assertPragma(db: DatabaseSync, name: string, expected: unknown): void {
  const actual = pragma(db, name)
  if (actual !== expected) throw new Error(`SQLite runs with ${name} = ${actual} instead of ${expected}`)
}
