import { ALL_COLLECTIONS as collections } from '../src/collections.ts'
import type { Config } from '../src/config.ts'
import { type Engines, kafkaAccess, openEngines } from '../src/engines.ts'
import { systemClock as clock } from '../src/kernel/clock.ts'
import { newId } from '../src/kernel/ids.ts'
import type { Logger } from '../src/kernel/logger.ts'
import { openMongoStorage } from '../src/storage/mongo/mongo-storage.ts'
import { lockDataDirectory } from '../src/storage/sqlite/data-directory.ts'
import { openSqliteStorage } from '../src/storage/sqlite/sqlite-storage.ts'
import type { Storage } from '../src/storage/storage.ts'
import { type LogReading, openEmbeddedLogForReading } from '../src/stream/embedded/embedded-log.ts'
import { openKafkaLogForReading } from '../src/stream/kafka/reader.ts'

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

/** Storage and log of the configuration, to read beside a server that may be running. */
export async function openForReading(
  config: Config,
): Promise<{ storage: Storage; log: LogReading; close(): Promise<void> }> {
  const { MONGODB_URL: url, DATA_DIR: directory } = config
  const { KAFKA_BOOTSTRAP_SERVERS: brokers } = config
  const log =
    brokers === undefined
      ? openEmbeddedLogForReading({ directory })
      : openKafkaLogForReading(kafkaAccess({ ...config, KAFKA_BOOTSTRAP_SERVERS: brokers }))
  const storage =
    url === undefined
      ? await openStorageForReading(directory)
      : await openMongoStorage({
          url,
          collections,
          clock,
          node_id: newId('run'),
          logger: TERSE,
          beside: true,
        })
  return {
    storage,
    log,
    async close() {
      await storage.close()
      await log.close()
    },
  }
}

/**
 * Storage and log of the configuration, to write. What lies in DATA_DIR is locked until `close`: its server must be
 * stopped. On MongoDB and Kafka the nodes may go on.
 */
export function openForWriting(config: Config): Promise<Engines> {
  return openEngines({ config, clock, logger: TERSE, node_id: newId('run'), beside: true })
}
