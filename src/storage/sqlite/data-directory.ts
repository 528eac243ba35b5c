import { chmodSync, closeSync, existsSync, mkdirSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { StartRefused } from '../../kernel/start-refused.ts'

export const LOCK_FILE = 'lock.db'
/** A folder in there while a backup is being restored; it goes with the last file. */
export const RESTORING = 'restoring'
/** Held by the module: a database that nobody refers to is closed by the garbage collection, and its lock is gone. */
const held = new Set<DatabaseSync>()

export interface DirectoryLock {
  release(): void
}

/**
 * Takes the folder for this process, and throws with a sentence when another server has it, or a restore of it was broken off. The
 * lock is an open exclusive transaction, so it ends with the process however that dies.
 */
export function lockDataDirectory(directory: string): DirectoryLock {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  chmodSync(directory, 0o700)
  const path = join(directory, LOCK_FILE)
  closeSync(openSync(path, 'a', 0o600))
  const db = new DatabaseSync(path, { timeout: 0 })
  try {
    db.exec('BEGIN EXCLUSIVE')
  } catch {
    db.close()
    throw new StartRefused(
      `Another server uses the data folder ${directory}. Stop it first, or give this one a folder of its own with DATA_DIR.`,
    )
  }
  held.add(db)
  const release = () => {
    held.delete(db)
    if (db.isOpen) db.close()
  }
  if (existsSync(join(directory, RESTORING))) {
    release()
    throw new StartRefused(
      `A restore into ${directory} was broken off. Empty that folder, and restore the backup again.`,
    )
  }
  return { release }
}
