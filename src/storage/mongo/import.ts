import type { Db, Document } from 'mongodb'
import type { Clock } from '../../kernel/clock.ts'
import { StartRefused } from '../../kernel/start-refused.ts'
import type { Collection, CollectionDefinition, Storage, Stored } from '../storage.ts'
import { createCollection } from './collection.ts'
import { connect, OPERATION } from './connection.ts'
import type { DocumentEngine } from './engine.ts'
import { COUNT_MS, type Importer, importer } from './import-writes.ts'
import { type Moving, readMoving } from './moving.ts'
import { FACTS, positionsOf } from './outbox-documents.ts'
import { createRollUps } from './roll-ups.ts'
import { createRunner } from './runner.ts'
import { checkSchema, prepareSchema, wantedIndexes } from './schema.ts'
import { checkServer } from './server-checks.ts'
import { createStock } from './stock.ts'

// biome-ignore lint/suspicious/noExplicitAny: the documents of the collections differ
type Definitions = readonly CollectionDefinition<any>[]

export interface MongoImportOptions {
  url: string
  collections: Definitions
  clock: Clock
  /** What moves. */
  source: string
  /** Where its log will be and what is kept of it, in words: to know an unfinished copy of the same again. */
  log: string
}

/** A database that a shop moves into; no server starts on it before it is finished. */
export interface MongoImport extends Importer {
  /** As the shop will read it. */
  reading: Pick<Storage, 'collection' | 'stock' | 'rollUps'>
  /** When the copy was finished, null while it is not. */
  finished_at: string | null
  /** Whether an earlier run began to copy. */
  resumed: boolean
  /** How far a step has come; undefined when it has not begun. */
  progress(step: string): unknown
  setProgress(step: string, value: unknown): Promise<void>
  finish(): Promise<void>
  close(): Promise<void>
}

/**
 * Opens an empty database, or one with the unfinished copy of the same shop, and makes its indexes. Throws `StartRefused`
 * for any other, and for a server that cannot be used.
 */
export async function openMongoImport(options: MongoImportOptions): Promise<MongoImport> {
  const { url, collections, clock } = options
  const connection = await connect({ url, setting: '--to', longest_ms: COUNT_MS })
  const { db } = connection
  try {
    await checkServer(connection)
    const moving = await begin(db, options)
    if (moving.finished_at === null) await prepareSchema(db, wantedIndexes(collections))
    return opened({ db, moving, collections, clock, close: connection.close })
  } catch (error) {
    await connection.close()
    throw connection.refusal(error)
  }
}

async function begin(db: Db, { collections, clock, source, log }: MongoImportOptions): Promise<Moving> {
  const note = db.collection<Moving>(FACTS)
  const known = await readMoving(db)
  if (known) {
    const same = known.source === source && known.log === log
    if (known.finished_at !== null && !same) throw movedIn(db, known.finished_at)
    if (known.source !== source) throw occupied(db)
    if (same) return known
    if (Object.keys(known.steps).length > 0) throw otherwise(db, known.log, log)
    await note.updateOne({ _id: 'moving' }, { $set: { log } }, OPERATION)
    return { ...known, log }
  }
  await refuseOccupied(db, collections)
  const begun_at = new Date(clock.now()).toISOString()
  const moving: Moving = { _id: 'moving', source, log, begun_at, finished_at: null, steps: {} }
  await note.insertOne(moving, OPERATION)
  return moving
}

function movedIn(db: Db, finished_at: string): StartRefused {
  return new StartRefused(
    `A shop moved into the database ${db.databaseName} on ${finished_at} and may have worked there since. Nothing was changed; name another database in the path of --to.`,
  )
}

function occupied(db: Db): StartRefused {
  return new StartRefused(
    `The database ${db.databaseName} holds the unfinished copy of another shop, or of this one in another state: its server ran again meanwhile. Drop it, or name another one in the path of --to.`,
  )
}

function otherwise(db: Db, begun: string, now: string): StartRefused {
  return new StartRefused(
    `The copy in the database ${db.databaseName} was begun with the log ${begun}; now it would be ${now}. Repeat the command with KAFKA_…, EVENTS_COLLECTION and --events as they were, or drop the database.`,
  )
}

async function refuseOccupied(db: Db, collections: Definitions): Promise<void> {
  const wanted = wantedIndexes(collections)
  await checkSchema(db, wanted)
  const used: string[] = []
  for (const name of new Set(wanted.map(({ collection }) => collection)))
    if (await db.collection(name).findOne({}, OPERATION)) used.push(name)
  const positions = await positionsOf(db).findOne({ _id: 'outbox' }, OPERATION)
  if (used.length === 0 && (positions?.given ?? 0) === 0) return
  throw new StartRefused(
    `The database ${db.databaseName} is not empty (${used.slice(0, 5).join(', ') || 'a shop was there'}). A shop moves into an empty one: name another in the path of --to, or drop this one.`,
  )
}

function opened({
  db,
  moving,
  collections,
  clock,
  close,
}: {
  db: Db
  moving: Moving
  collections: Definitions
  clock: Clock
  close(): Promise<void>
}): MongoImport {
  const note = db.collection<Moving>(FACTS)
  const { run } = createRunner()
  const listed = collections.find(({ listing }) => listing !== undefined)?.name ?? 'products'
  const engine: DocumentEngine = { db, clock, listed, run, told() {}, async moveEvents() {} }
  const read = new Map(
    collections.map((definition) => [definition.name, createCollection<Stored>(engine, definition)]),
  )
  const change = (fields: Document) =>
    run(() => note.updateOne({ _id: 'moving' }, { $set: fields }, OPERATION))

  return {
    ...importer(engine),
    reading: {
      collection: <T extends Stored>({ name }: CollectionDefinition<T>) =>
        read.get(name) as unknown as Collection<T>,
      stock: createStock(engine),
      rollUps: createRollUps(engine),
    },
    finished_at: moving.finished_at,
    resumed: Object.keys(moving.steps).length > 0,
    progress: (step) => moving.steps[step],
    async setProgress(step, value) {
      moving.steps[step] = value
      await change({ [`steps.${step}`]: value })
    },
    async finish() {
      await change({ finished_at: new Date(clock.now()).toISOString() })
    },
    close,
  }
}
