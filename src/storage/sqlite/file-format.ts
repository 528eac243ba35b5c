import { chmodSync, closeSync, existsSync, fstatSync, mkdirSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { StartRefused } from '../../kernel/start-refused.ts'
import { pragma } from './connection.ts'
import { isDamaged } from './sqlite-errors.ts'

export const STORAGE_FILE = 'shop.db'

/** `TWND`: tells this file from any other SQLite database. */
const APPLICATION_ID = 0x54574e44
/** Raised when an older server could not read what a newer one wrote. */
export const SCHEMA_VERSION = 1
/** Up to this size the whole file is checked at start; of a larger one only its length and its tables' roots. */
const CHECKED_AT_START_BYTES = 64 * 1024 * 1024

/** Makes the folder and an empty file that only their owner can read, and refuses a file that is not ours. */
export function prepareFile(directory: string, options: { readOnly: boolean }): string {
  const path = join(directory, STORAGE_FILE)
  if (options.readOnly) {
    if (!existsSync(path)) {
      throw new StartRefused(`There is no database at ${path}; start the server once, or set DATA_DIR.`)
    }
  } else {
    mkdirSync(directory, { recursive: true, mode: 0o700 })
    chmodSync(directory, 0o700)
  }
  const size = fileSize(path, options.readOnly)
  const whole = !existsSync(`${path}-wal`)
  try {
    const db = new DatabaseSync(path, { readOnly: options.readOnly })
    try {
      checkIdentity(db, path)
      if (size <= CHECKED_AT_START_BYTES) checkPages(db, path)
      else if (whole) checkLength(db, path, size)
    } finally {
      db.close()
    }
  } catch (error) {
    if (!isDamaged(error)) throw error
    throw damaged(path, error)
  }
  return path
}

/** Writes down what the file is; part of the transaction that makes its tables. */
export function stampFile(db: DatabaseSync): void {
  db.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${SCHEMA_VERSION}`)
}

function fileSize(path: string, readOnly: boolean): number {
  const file = openSync(path, readOnly ? 'r' : 'a', 0o600)
  try {
    return fstatSync(file).size
  } finally {
    closeSync(file)
  }
}

function checkIdentity(db: DatabaseSync, path: string): void {
  const application = pragma(db, 'application_id')
  const tables = db.prepare('SELECT count(*) AS count FROM sqlite_schema').get()!.count
  if (application !== APPLICATION_ID && tables !== 0) {
    throw new StartRefused(
      `${path} is a database of another program. Move it away or set DATA_DIR to another folder; it was not changed.`,
    )
  }
  const version = pragma(db, 'user_version') as number
  if (version > SCHEMA_VERSION) {
    throw new StartRefused(
      `${path} was written by a newer version of the server (schema ${version}, this one knows ${SCHEMA_VERSION}). Start that version, or restore a backup made before.`,
    )
  }
}

function checkPages(db: DatabaseSync, path: string): void {
  const verdict = pragma(db, 'quick_check(1)')
  if (verdict !== 'ok') throw damaged(path, verdict)
}

/** Without a write-ahead log every page that the header counts has to be in the file. */
function checkLength(db: DatabaseSync, path: string, size: number): void {
  const expected = (pragma(db, 'page_count') as number) * (pragma(db, 'page_size') as number)
  if (size < expected) throw damaged(path, `${size} bytes instead of ${expected}`)
}

function damaged(path: string, cause: unknown): StartRefused {
  const what = cause instanceof Error ? cause.message : String(cause)
  return new StartRefused(
    `${path} is damaged or not a database (${what}). Restore it from a backup, or move it away to start with an empty shop.`,
    cause,
  )
}
