import { type Collection, type Db, MongoBulkWriteError, type OptionalUnlessRequiredId } from 'mongodb'
import type { CloudEvent } from '../../kernel/event.ts'
import type { ExportedEntry, ExportedStock, NamedRollUp } from '../exported.ts'
import { fenceText, type GroupPosition } from '../roll-ups.ts'
import type { StockKey } from '../stock.ts'
import type { CollectionDefinition, Stored } from '../storage.ts'
import { isOfDuplicates } from './bulk.ts'
import { OPERATION } from './connection.ts'
import { toStored } from './documents.ts'
import type { DocumentEngine } from './engine.ts'
import { unavailable } from './errors.ts'
import { createFigures, type StoredFigures } from './figures.ts'
import { fromStockDocument, toStockDocument } from './import-stock.ts'
import { OUTBOX, type OutboxDocument, positionsOf, toOutbox } from './outbox-documents.ts'
import { GROUP_POSITIONS, idRange, type PositionDocument, ROLL_UPS, rollUpId } from './roll-up-documents.ts'
import { STOCK, type StockDocument, stockId } from './stock-documents.ts'

/** Documents of one command, and what they may weigh as JSON, so that it ends well within its time on a slow server too. */
const DOCUMENTS_AT_ONCE = 500
const CHARACTERS_AT_ONCE = 512 * 1024
/** Counting reads every key of an index. */
export const COUNT_MS = 10 * 60 * 1_000

/** A page whose last attempt may have been broken off: what is there already is left out. */
export interface Page {
  doubtful: boolean
}

/**
 * Writes that only a shop which moves in makes: whole documents, with the version and the sequences that they have. Each
 * may be repeated after a crash when it says that it is doubtful.
 */
export interface Importer {
  documents<T extends Stored>(
    definition: CollectionDefinition<T>,
    documents: readonly T[],
    page: Page,
  ): Promise<void>
  stock(stock: readonly ExportedStock[], page: Page): Promise<void>
  rollUps(rollUps: readonly NamedRollUp[], page: Page): Promise<void>
  positions(positions: readonly GroupPosition[], page: Page): Promise<void>
  outbox(entries: readonly ExportedEntry[], page: Page): Promise<void>
  /** The last position ever given and the last one that the log has. */
  history(history: { given: number; acknowledged: number }): Promise<void>
  /** Brings what the roll-up of products says into their documents. */
  figures(product_ids: readonly string[]): Promise<void>
  /** The fences, as texts, that the figures in products came with; of products that are not there nothing. */
  figureFences(product_ids: readonly string[]): Promise<{ id: string; fence: string | null }[]>
  /** How many documents a collection has, exactly; `rollUp` counts those of one name. */
  count(collection: string): Promise<number>
  countRollUps(name: string): Promise<number>
  /** In the order of `keys`, without those that are not there. */
  stockOf(keys: readonly StockKey[]): Promise<ExportedStock[]>
  outboxAfter(after: number, limit: number): Promise<ExportedEntry[]>
}

export function importer(engine: DocumentEngine): Importer {
  const { db, run } = engine
  const insert = <T extends { _id: string | number }>(name: string, documents: readonly T[], page: Page) =>
    run(() => importDocuments(db.collection<T>(name), documents, page))
  const count = (name: string, filter: object = {}) =>
    run(() => db.collection(name).countDocuments(filter, { maxTimeMS: COUNT_MS }))

  return {
    documents: (definition, documents, page) =>
      insert(
        definition.name,
        documents.map((document) =>
          toStored(document, { listing: definition.listing?.(document), events: [], at: 0 }),
        ),
        page,
      ),
    stock: (stock, page) => insert(STOCK, stock.map(toStockDocument), page),
    rollUps: (rollUps, page) =>
      insert(
        ROLL_UPS,
        rollUps.map(({ name, id, fence, body }) => ({
          _id: rollUpId(name, id),
          fence: fenceText(fence),
          body: JSON.stringify(body),
        })),
        page,
      ),
    positions: (positions, page) =>
      insert<PositionDocument>(
        GROUP_POSITIONS,
        positions.map((one) => ({ _id: `${one.group}/${one.topic}/${one.partition}`, ...one })),
        page,
      ),
    outbox: (entries, page) =>
      insert<OutboxDocument>(
        OUTBOX,
        entries.map(({ position, topic, at, json }) => ({
          ...toOutbox({ topic, at, json, event: JSON.parse(json) as CloudEvent }),
          _id: position,
        })),
        page,
      ),
    async history({ given, acknowledged }) {
      await run(() =>
        positionsOf(db).updateOne({ _id: 'outbox' }, { $set: { given, acknowledged } }, OPERATION),
      )
    },
    figures: (ids) => run(() => createFigures(engine).bring(ids)),
    figureFences: (ids) => run(() => figureFences(engine, ids)),
    count,
    countRollUps: (name) => count(ROLL_UPS, { _id: idRange(name) }),
    stockOf: (keys) => run(() => stockOf(db, keys)),
    outboxAfter: (after, limit) => run(() => outboxAfter(db, after, limit)),
  }
}

/**
 * Inserts whole documents in commands of moderate size, in no order within one. A key that is there already is an error,
 * unless its document is: by an earlier run (the page is doubtful), or because the driver sent a command a second time
 * whose first answer came too late.
 */
export async function importDocuments<T extends { _id: string | number }>(
  collection: Collection<T>,
  documents: readonly T[],
  { doubtful }: Page,
): Promise<void> {
  for (const part of parts(documents)) {
    const missing = doubtful ? await absent(collection, part) : part
    if (await insertAll(collection, missing)) continue
    if (await insertAll(collection, await absent(collection, missing))) continue
    // The first command may still be at work: whoever copies tries again, and gives up when it is not that.
    throw unavailable(`${collection.collectionName} does not take documents whose keys are there already.`)
  }
}

/** False when a key was there. */
async function insertAll<T extends { _id: string | number }>(
  collection: Collection<T>,
  documents: readonly T[],
): Promise<boolean> {
  if (documents.length === 0) return true
  try {
    await collection.insertMany(documents as OptionalUnlessRequiredId<T>[], { ordered: false, ...OPERATION })
    return true
  } catch (error) {
    if (error instanceof MongoBulkWriteError && isOfDuplicates(error)) return false
    throw error
  }
}

async function absent<T extends { _id: string | number }>(
  collection: Collection<T>,
  documents: readonly T[],
): Promise<T[]> {
  if (documents.length === 0) return []
  const ids = documents.map(({ _id }) => _id)
  const found = await collection
    .find({ _id: { $in: ids } } as never, { projection: { _id: 1 }, batchSize: ids.length, ...OPERATION })
    .toArray()
  const there = new Set<unknown>(found.map(({ _id }) => _id))
  return documents.filter(({ _id }) => !there.has(_id))
}

function* parts<T>(documents: readonly T[]): Generator<T[]> {
  let part: T[] = []
  let characters = 0
  for (const document of documents) {
    const size = JSON.stringify(document).length
    if (part.length >= DOCUMENTS_AT_ONCE || (part.length > 0 && characters + size > CHARACTERS_AT_ONCE)) {
      yield part
      part = []
      characters = 0
    }
    part.push(document)
    characters += size
  }
  if (part.length > 0) yield part
}

async function figureFences({ db, listed }: DocumentEngine, ids: readonly string[]) {
  const found = await db
    .collection<{ _id: string; _figures: StoredFigures }>(listed)
    .find({ _id: { $in: [...ids] } }, { projection: { '_figures.fence': 1 }, ...OPERATION })
    .toArray()
  return found.map(({ _id, _figures }) => ({ id: _id, fence: _figures.fence }))
}

async function stockOf(db: Db, keys: readonly StockKey[]): Promise<ExportedStock[]> {
  const ids = keys.map(stockId)
  const found = await db
    .collection<StockDocument>(STOCK)
    .find({ _id: { $in: ids } }, { batchSize: ids.length, ...OPERATION })
    .toArray()
  const byId = new Map(found.map((document) => [document._id, fromStockDocument(document)]))
  return ids.flatMap((id) => byId.get(id) ?? [])
}

async function outboxAfter(db: Db, after: number, limit: number): Promise<ExportedEntry[]> {
  const found = await db
    .collection<OutboxDocument>(OUTBOX)
    .find({ _id: { $gt: after } }, { sort: { _id: 1 }, limit, ...OPERATION })
    .toArray()
  return found.map(({ _id, topic, at, json }) => ({ position: _id, topic, at, json }))
}
