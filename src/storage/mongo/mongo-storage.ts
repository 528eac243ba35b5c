import type { Clock } from '../../kernel/clock.ts'
import type { Logger } from '../../kernel/logger.ts'
import type { Collection, CollectionDefinition, Storage, Stored } from '../storage.ts'
import { createCollection } from './collection.ts'
import { type Connection, type ConnectionOptions, connect } from './connection.ts'
import type { DocumentEngine } from './engine.ts'
import { createLeases } from './leases.ts'
import { createListing } from './listing.ts'
import { createMover } from './mover.ts'
import { createOutbox } from './outbox.ts'
import { createRollUps } from './roll-ups.ts'
import { createRunner } from './runner.ts'
import { checkIndexes, checkSchema, type Prepared, prepareSchema, wantedIndexes } from './schema.ts'
import { checkServer } from './server-checks.ts'
import { createStock } from './stock.ts'
import { STOCK, type StockBounds } from './stock-documents.ts'

// biome-ignore lint/suspicious/noExplicitAny: the documents of the collections differ
type Definitions = readonly CollectionDefinition<any>[]

export interface MongoStorageOptions extends ConnectionOptions {
  collections: Definitions
  clock: Clock
  /** Unlike that of any other node, and of any earlier start of this one. */
  node_id: string
  logger: Logger
  /** A tool beside running nodes: it takes no part in moving events to the log. */
  beside?: boolean
  /** Makes indexes that are missing, as `bootstrap.sh` does; else only an empty database gets them. */
  prepare?: boolean
  /** Smaller ones are for tests that reach them. */
  stock_bounds?: StockBounds
}

/**
 * Opens the storage in a database that other nodes may use too. Throws `StartRefused` for a server that does not answer or
 * cannot keep its word, a database of a newer version or one that lacks an index.
 */
export async function openMongoStorage(options: MongoStorageOptions): Promise<Storage> {
  const { collections, prepare = false } = options
  const connection = await connect(options)
  try {
    await ready(connection, { collections, prepare })
    return await start(connection, options)
  } catch (error) {
    await connection.close()
    throw connection.refusal(error)
  }
}

/** Makes the indexes that the storage needs and says which it made. May be repeated at any time. */
export async function prepareMongo(
  options: ConnectionOptions & { collections: Definitions },
): Promise<Prepared> {
  const connection = await connect(options)
  try {
    return await ready(connection, { collections: options.collections, prepare: true })
  } catch (error) {
    throw connection.refusal(error)
  } finally {
    await connection.close()
  }
}

/** Rejects with a sentence when a shop could not start on this database; changes nothing there. */
export async function checkMongo(options: ConnectionOptions & { collections: Definitions }): Promise<void> {
  const connection = await connect(options)
  const { db } = connection
  try {
    const wanted = wantedIndexes(options.collections)
    await checkServer(connection)
    if (await checkSchema(db, wanted)) await checkIndexes(db, wanted)
  } catch (error) {
    throw connection.refusal(error)
  } finally {
    await connection.close()
  }
}

async function ready(
  connection: Connection,
  { collections, prepare }: { collections: Definitions; prepare: boolean },
): Promise<Prepared> {
  const { db } = connection
  const wanted = wantedIndexes(collections)
  await checkServer(connection)
  const prepared = await checkSchema(db, wanted)
  if (prepare || !prepared) return prepareSchema(db, wanted)
  await checkIndexes(db, wanted)
  return { made: [], there: [] }
}

async function start(
  { db, close }: Connection,
  { collections, clock, node_id, logger, stock_bounds, beside = false }: MongoStorageOptions,
): Promise<Storage> {
  const { run, drain } = createRunner()
  const handed = new Map<number, number>()
  const listeners = new Set<() => void>()
  const leases = createLeases({ db, node_id, logger, busy: (range) => [...handed.values()].includes(range) })
  if (!beside) await leases.start()
  const mover = createMover({
    db,
    collections: [...collections.map(({ name }) => name), STOCK],
    leases,
    logger,
    onMoved: () => {
      for (const listener of listeners) listener()
    },
  })
  const listed = listedIn(collections)
  const engine: DocumentEngine = { db, clock, listed, run, told: mover.told, moveEvents: mover.moveEvents }
  const opened = new Map(
    collections.map((definition) => [definition.name, createCollection<Stored>(engine, definition)]),
  )
  let closing: Promise<void> | undefined

  async function end(): Promise<void> {
    await drain()
    await mover.stop()
    await leases.stop().catch((error: unknown) => {
      logger.warn({ err: error }, 'the leases of the outbox were not given back; they end by themselves')
    })
    await close()
  }

  return {
    collection<T extends Stored>({ name }: CollectionDefinition<T>) {
      const collection = opened.get(name)
      if (!collection) throw new Error(`the storage was opened without the collection ${name}`)
      return collection as unknown as Collection<T>
    },
    stock: createStock(engine, stock_bounds),
    listing: createListing(engine),
    rollUps: createRollUps(engine),
    outbox: createOutbox(engine, { leases, mover, handed, listeners }),
    check: () => run(leases.probe),
    // Its files are the server's, which overwrites what is free in its own time.
    scrub: async () => {},
    close() {
      closing ??= end()
      return closing
    },
  }
}

/** The one collection that lists read; where none has a listing they are empty. */
function listedIn(collections: Definitions): string {
  const [first, second] = collections.filter(({ listing }) => listing !== undefined)
  if (second) throw new Error(`${first!.name} and ${second.name} both have a listing; one collection may`)
  return first?.name ?? 'products'
}
