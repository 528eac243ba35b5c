import { DatabaseSync } from 'node:sqlite'
import { setImmediate as turn } from 'node:timers/promises'
import { BackupRefused } from './refused.ts'

/** While something is written to all of them without a pause, it is tried again for so long. */
const LONGEST_MS = 30_000
const BUSY_TIMEOUT_MS = 5_000

export interface Cut {
  /** When it was, in milliseconds. */
  at: number
  /** One for each path, reading it as it was at that moment until they are closed. */
  databases: DatabaseSync[]
  close(): void
}

/**
 * Opens SQLite databases in WAL mode, which other processes may be writing to, as all of them were at one moment: the one at
 * which the last is opened. None of the others has changed between a look before they were opened and a look after it,
 * else it is tried again. Nobody who writes has to wait or to know of it. Throws BackupRefused when they never rest.
 */
export async function cutThrough(paths: readonly string[]): Promise<Cut> {
  const opened: DatabaseSync[] = []
  const open = (path: string) => {
    const db = new DatabaseSync(path, { readOnly: true, timeout: BUSY_TIMEOUT_MS })
    opened.push(db)
    return db
  }
  const close = () => {
    for (const db of opened.splice(0)) db.close()
  }
  try {
    const databases = paths.map(open)
    const looks = paths.slice(0, -1).map((path) => open(path).prepare('PRAGMA data_version'))
    const versions = () => looks.map((look) => look.get()!.data_version).join()
    const readings = databases.map((db) => db.prepare('SELECT count(*) FROM sqlite_schema'))
    for (const until = performance.now() + LONGEST_MS; ; await turn()) {
      const before = versions()
      for (const [index, db] of databases.entries()) {
        db.exec('BEGIN')
        // A transaction begins with its first reading.
        readings[index]!.get()
      }
      if (versions() === before) return { at: Date.now(), databases, close }
      for (const db of databases) db.exec('ROLLBACK')
      if (performance.now() > until)
        throw new BackupRefused('The shop writes too much just now to be backed up; try again.')
    }
  } catch (error) {
    close()
    throw error
  }
}
