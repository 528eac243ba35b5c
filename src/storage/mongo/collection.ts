import { type Collection as DriverCollection, MongoBulkWriteError } from 'mongodb'
import { Refusal } from '../../kernel/errors.ts'
import { assertPage, MAX_COUNT, orderingValue } from '../list-query.ts'
import { type StampedEvent, stampInsert, stampReplace } from '../stamp.ts'
import type { Collection, CollectionDefinition, InsertVerdict, ListQuery, Page, Stored } from '../storage.ts'
import { isOfDuplicates } from './bulk.ts'
import { OPERATION } from './connection.ts'
import {
  fromStored,
  MAX_WAITING_EVENTS,
  replacement,
  type StoredDocument,
  toStored,
  VISIBLE,
} from './documents.ts'
import type { DocumentEngine } from './engine.ts'
import { brokenUnique, isTooLarge, unavailable } from './errors.ts'
import { createFigures } from './figures.ts'
import { findByIds } from './find-by-ids.ts'
import { uniqueFilter, walkOf } from './queries.ts'
import { createRemoval } from './removal.ts'

/** Documents of one command. */
const INSERTS_OF_ONE_WRITE = 250
const ROOM_FOR_EVENTS = { [`_outbox.${MAX_WAITING_EVENTS - 1}`]: { $exists: false } }

type Documents = DriverCollection<StoredDocument>

/** One collection of the shop. */
export function createCollection<T extends Stored>(
  engine: DocumentEngine,
  definition: CollectionDefinition<T>,
): Collection<T> {
  const { name } = definition
  const { run, clock } = engine
  const documents = engine.db.collection<StoredDocument>(name)
  const reading = { projection: VISIBLE, ...OPERATION }
  const figures = definition.listing && createFigures(engine)
  const beside = (document: T, events: StampedEvent[]) => ({
    listing: definition.listing?.(document),
    events,
    at: clock.now(),
  })

  /** A write that tells; what became of it may be unknown, so the mover looks in any case. */
  async function telling<Result>(id: string, events: StampedEvent[], write: () => Promise<Result>) {
    try {
      return await run(write)
    } finally {
      if (events.length > 0) engine.told(name, id)
    }
  }

  return {
    ...createRemoval(engine, definition, documents),
    get: (id) => run(async () => one<T>(await documents.findOne({ _id: id }, reading))),
    getBy: (index, values) =>
      run(async () => one<T>(await documents.findOne(uniqueFilter(definition, index, values), reading))),
    getMany: (ids) =>
      run(async () => {
        const found = await findByIds(documents, ids, reading)
        const byId = new Map(found.map((stored) => [stored._id, fromStored<T>(stored)]))
        return ids.flatMap((id) => byId.get(id) ?? [])
      }),
    list: (query) => run(() => list(query)),
    count: (query) =>
      run(async () => {
        const { filter, hint } = walkOf(definition, query)
        const value = await documents.countDocuments(filter, { limit: MAX_COUNT + 1, hint, ...OPERATION })
        return value > MAX_COUNT ? { value: MAX_COUNT, relation: 'gte' } : { value, relation: 'eq' }
      }),
    async insert(draft, drafts = []) {
      const { document, events } = stampInsert<T>(draft, drafts)
      const stored = toStored(document, beside(document, events))
      await telling(document.id, events, () => documents.insertOne(stored, OPERATION))
      await figures?.takeUp([document.id])
      return document
    },
    async replace(current, drafts = []) {
      const { document, events } = stampReplace(current, drafts)
      const filter = { _id: current.id, version: current.version }
      const change = replacement(document, beside(document, events))
      await telling(document.id, events, async () => {
        const room = events.length > 0 ? { ...filter, ...ROOM_FOR_EVENTS } : filter
        const { matchedCount } = await documents.updateOne(room, change, OPERATION).catch(refuseTooLarge)
        if (matchedCount === 1) return
        if (events.length > 0 && (await documents.findOne(filter, reading))) throw full()
        throw new Refusal('version_conflict', 'version_moved', 'It was changed by someone else meanwhile.')
      })
      return document
    },
    async insertMany(drafts) {
      const made = drafts.map((draft) => stampInsert<T>(draft, []).document)
      const stored = made.map((document) => toStored(document, beside(document, [])))
      const verdicts = await run(() => insertAll(documents, stored))
      await figures?.takeUp(made.flatMap(({ id }, place) => (verdicts[place]!.ok ? [id] : [])))
      return verdicts
    },
  }

  async function list(query: ListQuery): Promise<Page<T>> {
    assertPage(query.limit)
    const { filter, sort, hint } = walkOf(definition, query)
    // One more than asked for tells whether there is a next page.
    const limit = query.limit + 1
    const found = await documents.find(filter, { ...reading, sort, hint, limit, batchSize: limit }).toArray()
    const items = found.slice(0, query.limit).map(fromStored<T>)
    const last = found.length > query.limit ? items.at(-1)! : undefined
    return { items, next: last ? { value: orderingValue(definition, query, last), id: last.id } : null }
  }
}

function one<T extends Stored>(stored: StoredDocument | null): T | undefined {
  return stored ? fromStored<T>(stored) : undefined
}

async function insertAll(documents: Documents, stored: readonly StoredDocument[]): Promise<InsertVerdict[]> {
  const verdicts: InsertVerdict[] = []
  for (let from = 0; from < stored.length; from += INSERTS_OF_ONE_WRITE)
    verdicts.push(...(await insertSome(documents, stored.slice(from, from + INSERTS_OF_ONE_WRITE))))
  return verdicts
}

async function insertSome(documents: Documents, stored: StoredDocument[]): Promise<InsertVerdict[]> {
  const verdicts: InsertVerdict[] = stored.map(() => ({ ok: true }))
  try {
    await documents.insertMany(stored, { ordered: false, ...OPERATION })
  } catch (error) {
    if (!(error instanceof MongoBulkWriteError) || !isOfDuplicates(error)) throw error
    for (const refused of [error.writeErrors].flat())
      verdicts[refused.index] = { ok: false, index: brokenUnique(refused)! }
  }
  return verdicts
}

function refuseTooLarge(error: unknown): never {
  throw isTooLarge(error) ? full() : error
}

function full(): Refusal {
  return unavailable('Too many events of this document wait for the log.')
}
