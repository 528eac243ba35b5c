import { chmodSync, closeSync, existsSync, fstatSync, mkdirSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { StartRefused } from '../../kernel/start-refused.ts'
import {
  APPLICATION_ID,
  checkIdentity,
  checkLength,
  checkPages,
  damaged,
  SCHEMA_VERSION,
} from './file-checks.ts'
import { isDamaged } from './sqlite-errors.ts'

export const STORAGE_FILE = 'shop.db'

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
