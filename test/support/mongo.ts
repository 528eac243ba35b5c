import { randomBytes } from 'node:crypto'
import type { TestContext } from 'node:test'
import { type Db, MongoClient } from 'mongodb'
import { type Clock, systemClock } from '../../src/kernel/clock.ts'
import { newId } from '../../src/kernel/ids.ts'
import { type MongoStorageOptions, openMongoStorage } from '../../src/storage/mongo/mongo-storage.ts'
import type { Storage } from '../../src/storage/storage.ts'
import { sharedMongoUrl } from '../servers/mongodb.ts'
import { SILENT } from './log.ts'

/** The server of the tests is slow: callers wait longer for a connection than they would anywhere else. */
const PATIENCE = { waitQueueTimeoutMS: '20000' }

/** URL of a database of its own on the shared server; it is dropped when the test ends. */
export async function testDatabase(t: Pick<TestContext, 'after'>): Promise<string> {
  const url = databaseUrl(await sharedMongoUrl(), PATIENCE)
  t.after(() => dropDatabase(url))
  return url
}

/** The URL of a server with a fresh database's name, and further options. */
export function databaseUrl(server: string, options: Record<string, string> = {}): string {
  return namedDatabase(server, `test_${randomBytes(8).toString('hex')}`, options)
}

/** The URL of a server with a database's name. */
export function namedDatabase(server: string, name: string, options = PATIENCE as Record<string, string>) {
  const url = new URL(server)
  url.pathname = `/${name}`
  for (const [name, value] of Object.entries(options)) url.searchParams.set(name, value)
  return url.href
}

export interface TestMongo {
  storage: Storage
  url: string
  /** Closes the storage and opens its database again. */
  reopen(): Promise<Storage>
  /** Another node on the same database, closed when the test ends. */
  node(): Promise<Storage>
}

/** A storage on a database of its own, closed when the test ends. */
export async function openTestMongo(
  t: Pick<TestContext, 'after'>,
  collections: MongoStorageOptions['collections'],
  clock: Clock = systemClock,
): Promise<TestMongo> {
  const nodes: Storage[] = []
  t.after(() => Promise.all(nodes.map((storage) => storage.close())))
  const url = await testDatabase(t)
  const node = async () => {
    const storage = await openMongoStorage({
      url,
      collections,
      clock,
      node_id: newId('run'),
      logger: SILENT,
    })
    nodes.push(storage)
    return storage
  }
  const opened: TestMongo = {
    storage: await node(),
    url,
    node,
    async reopen() {
      await opened.storage.close()
      opened.storage = await node()
      return opened.storage
    },
  }
  return opened
}

export function dropDatabase(url: string): Promise<unknown> {
  return withDatabase(url, (db) => db.dropDatabase())
}

/** Works on a database past the storage. */
export async function withDatabase<T>(url: string, work: (db: Db) => Promise<T>): Promise<T> {
  const client = new MongoClient(url)
  try {
    return await work(client.db())
  } finally {
    await client.close()
  }
}
