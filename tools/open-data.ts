import { ALL_COLLECTIONS as collections } from '../src/collections.ts'
import { systemClock as clock } from '../src/kernel/clock.ts'
import type { Logger } from '../src/kernel/logger.ts'
import { lockDataDirectory } from '../src/storage/sqlite/data-directory.ts'
import { openSqliteStorage } from '../src/storage/sqlite/sqlite-storage.ts'
import type { Storage } from '../src/storage/storage.ts'
import { type EmbeddedLog, openEmbeddedLog } from '../src/stream/embedded/embedded-log.ts'

/** Says only what a person at a terminal has to know. */
export const TERSE: Logger = {
  debug() {},
  info() {},
  warn: (_details, message) => console.warn(message),
  error: (details, message) => console.error(message, details),
}

/** The storage of a shop that may be running; every write is refused. */
export function openStorageForReading(directory: string): Promise<Storage> {
  return openSqliteStorage({ directory, collections, clock, readOnly: true })
}

/** The storage of a shop that is stopped and stays so: the folder is locked until `close`. */
export async function openStoppedStorage(
  directory: string,
): Promise<{ storage: Storage; close(): Promise<void> }> {
  const lock = lockDataDirectory(directory)
  try {
    const storage = await openSqliteStorage({ directory, collections, clock })
    return {
      storage,
      async close() {
        await storage.close()
        lock.release()
      },
    }
  } catch (error) {
    lock.release()
    throw error
  }
}

/** Storage and log of a shop that is stopped and stays so. */
export async function openStopped(
  directory: string,
): Promise<{ storage: Storage; log: EmbeddedLog; close(): Promise<void> }> {
  const { storage, close } = await openStoppedStorage(directory)
  try {
    const log = await openEmbeddedLog({ directory, clock, outbox: storage.outbox })
    return {
      storage,
      log,
      async close() {
        await log.close()
        await close()
      },
    }
  } catch (error) {
    await close()
    throw error
  }
}
