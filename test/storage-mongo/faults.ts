import type { TestContext } from 'node:test'
import { type Document, MongoClient } from 'mongodb'
import { systemClock } from '../../src/kernel/clock.ts'
import { isRefusal } from '../../src/kernel/errors.ts'
import { newId } from '../../src/kernel/ids.ts'
import type { Logger } from '../../src/kernel/logger.ts'
import { openMongoStorage } from '../../src/storage/mongo/mongo-storage.ts'
import type { Storage } from '../../src/storage/storage.ts'
import { NOTES } from '../contracts/storage-fixtures.ts'
import { type MongoServer, type MongoServerOptions, startMongoServer } from '../servers/mongodb.ts'
import { SILENT } from '../support/log.ts'
import { databaseUrl } from '../support/mongo.ts'

export const unavailable = (error: unknown) =>
  isRefusal(error, 'storage_unavailable') &&
  error.kind === 'unavailable' &&
  error.details.retry_after_seconds! > 0

/** A server of its own, gone with the test. */
export async function ownServer(
  t: Pick<TestContext, 'after'>,
  options?: MongoServerOptions,
): Promise<MongoServer> {
  const server = await startMongoServer(options)
  t.after(() => server.remove())
  return server
}

export interface NodeOptions {
  /** Further options of the URL. */
  url?: Record<string, string>
  /** Address of a proxy before the server. */
  through?: string
  logger?: Logger
  onCommand?(name: string, collection: string): void
}

export interface Nodes {
  server: MongoServer
  /** Of the database that all nodes use. */
  url: string
  open(options?: NodeOptions): Promise<Storage>
}

/** A server of its own and nodes with `NOTES` on one database of it. */
export async function nodesOfOwnServer(
  t: Pick<TestContext, 'after'>,
  options?: MongoServerOptions,
): Promise<Nodes> {
  const nodes: Storage[] = []
  const server = await startMongoServer(options)
  t.after(async () => {
    server.thaw()
    await Promise.allSettled(nodes.map((storage) => storage.close()))
    await server.remove()
  })
  const url = databaseUrl(server.url, { waitQueueTimeoutMS: '20000' })
  return {
    server,
    url,
    async open({ logger = SILENT, onCommand, through, url: more = {} } = {}) {
      const own = new URL(url)
      if (through) {
        own.host = new URL(through).host
        own.searchParams.set('directConnection', 'true')
      }
      for (const [name, value] of Object.entries(more)) own.searchParams.set(name, value)
      const storage = await openMongoStorage({
        url: own.href,
        collections: [NOTES],
        clock: systemClock,
        node_id: newId('run'),
        logger,
        onCommand,
      })
      nodes.push(storage)
      return storage
    },
  }
}

/** Makes the server fail the next commands of these names; `mode` as `{ times: 1 }`, or `off`. */
export async function failCommands(
  server: string,
  mode: Document | string,
  data: Document = {},
): Promise<void> {
  const client = new MongoClient(server, { directConnection: true })
  try {
    await client.db('admin').command({ configureFailPoint: 'failCommand', mode, data })
  } finally {
    await client.close()
  }
}
