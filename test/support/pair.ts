import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Clock } from '../../src/kernel/clock.ts'
import { TOPICS } from '../../src/kernel/event.ts'
import { newId } from '../../src/kernel/ids.ts'
import { openMongoStorage } from '../../src/storage/mongo/mongo-storage.ts'
import { STORAGE_FILE } from '../../src/storage/sqlite/file-format.ts'
import { openSqliteStorage, type SqliteStorageOptions } from '../../src/storage/sqlite/sqlite-storage.ts'
import type { Storage } from '../../src/storage/storage.ts'
import { makeTopics } from '../../src/stream/kafka/make-topics.ts'
import { sharedMongoUrl } from '../servers/mongodb.ts'
import { kafkaBrokers, removeTopics } from './kafka.ts'
import { kcatRead } from './kcat.ts'
import { dropDatabase, namedDatabase, withDatabase } from './mongo.ts'

/** The engines that tests of a shop run on: TRADEWIND_PAIR, as `mongo-kafka`; without it the embedded ones. */
const [storage_name, log_name] = (process.env.TRADEWIND_PAIR ?? 'sqlite-embedded').split('-')
const ON_MONGO = storage_name === 'mongo'
const ON_KAFKA = log_name === 'kafka'

/** How many do something at once: the MongoDB server of the tests is slow, so there it is a fifth. */
export function crowd(most: number): number {
  return ON_MONGO ? Math.ceil(most / 5) : most
}

const SILENT = { debug() {}, info() {}, warn() {}, error() {} }

/** Variables that put a shop on the pair's engines. The folder stands for its database and its topics too. */
export async function pairEnvironment(directory: string): Promise<Record<string, string>> {
  const environment: Record<string, string> = {}
  if (ON_MONGO) environment.MONGODB_URL = await databaseOf(directory)
  if (ON_KAFKA) {
    const brokers = await kafkaBrokers()
    environment.KAFKA_BOOTSTRAP_SERVERS = brokers.join(',')
    environment.KAFKA_TOPIC_PREFIX = prefixOf(directory)
    await makeTopics({ brokers, topic_prefix: prefixOf(directory) })
  }
  return environment
}

/** What the folder stood for on the servers goes; the folder itself is the caller's. */
export async function forgetPair(directory: string): Promise<void> {
  if (ON_MONGO) await dropDatabase(await databaseOf(directory))
  if (ON_KAFKA) await removeTopics(prefixOf(directory))
}

/** The pair's storage, by itself. */
export async function openPairStorage(options: {
  directory: string
  collections: SqliteStorageOptions['collections']
  clock: Clock
}): Promise<Storage> {
  if (!ON_MONGO) return openSqliteStorage(options)
  const url = await databaseOf(options.directory)
  return openMongoStorage({ ...options, url, node_id: newId('run'), logger: SILENT, prepare: true })
}

/** Adds a piece to what every SKU has available, past the shop and its books. */
export async function spoilStock(directory: string): Promise<void> {
  if (ON_MONGO) {
    await withDatabase(await databaseOf(directory), (db) =>
      db.collection('stock').updateMany({}, { $inc: { available: 1 } }),
    )
  } else {
    const db = new DatabaseSync(join(directory, STORAGE_FILE))
    db.exec('UPDATE stock SET available = available + 1')
    db.close()
  }
}

/** Whether all that a shop keeps lies in its folder. */
export const onEmbeddedEngines = (): boolean => !(ON_MONGO || ON_KAFKA)

/** The files below a folder: bytes, by where they are. */
export function filesOf(directory: string): Map<string, Buffer> {
  const found = new Map<string, Buffer>()
  for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    if (entry.isFile()) found.set(relative(directory, path), readFileSync(path))
  }
  return found
}

/** All that lies in the folder, and in the database and the topics that it stands for: bytes, by where they are. */
export async function bytesOf(directory: string): Promise<Map<string, Buffer>> {
  const found = filesOf(directory)
  if (ON_MONGO) {
    await withDatabase(await databaseOf(directory), async (db) => {
      for (const { name } of await db.listCollections().toArray())
        found.set(name, Buffer.from(JSON.stringify(await db.collection(name).find().toArray())))
    })
  }
  if (ON_KAFKA) {
    const brokers = (await kafkaBrokers()).join(',')
    for (const topic of TOPICS) {
      const records = await kcatRead(brokers, `${prefixOf(directory)}${topic}`)
      found.set(topic, Buffer.from(JSON.stringify(records)))
    }
  }
  return found
}

async function databaseOf(directory: string): Promise<string> {
  return namedDatabase(await sharedMongoUrl(), `test_${nameOf(directory)}`)
}

function prefixOf(directory: string): string {
  return `t${nameOf(directory)}-`
}

function nameOf(directory: string): string {
  return createHash('sha256').update(directory).digest('hex').slice(0, 16)
}
