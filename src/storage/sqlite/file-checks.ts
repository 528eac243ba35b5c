import type { DatabaseSync } from 'node:sqlite'
import { StartRefused } from '../../kernel/start-refused.ts'
import { pragma } from './connection.ts'

/** `TWND`: tells this file from any other SQLite database. */
export const APPLICATION_ID = 0x54574e44
/** Raised when an older server could not read what a newer one wrote. */
export const SCHEMA_VERSION = 1

/** Throws StartRefused when the file is of another program or of a newer version. */
export function checkIdentity(db: DatabaseSync, path: string): void {
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

/** Looks at every page; throws StartRefused when one is damaged. */
export function checkPages(db: DatabaseSync, path: string): void {
  const verdict = pragma(db, 'quick_check(1)')
  if (verdict !== 'ok') throw damaged(path, verdict)
}

/** Without a write-ahead log every page that the header counts has to be in the file. */
export function checkLength(db: DatabaseSync, path: string, size: number): void {
  const expected = (pragma(db, 'page_count') as number) * (pragma(db, 'page_size') as number)
  if (size < expected) throw damaged(path, `${size} bytes instead of ${expected}`)
}

/** The refusal to start with a damaged file. */
export function damaged(path: string, cause: unknown): StartRefused {
  const what = cause instanceof Error ? cause.message : String(cause)
  return new StartRefused(
    `${path} is damaged or not a database (${what}). Restore it from a backup with its log (npm run restore), or move both away to start with an empty shop.`,
    cause,
  )
}
