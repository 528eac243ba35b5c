import type { Db, Document } from 'mongodb'
import { StartRefused } from '../../kernel/start-refused.ts'
import type { Indexed } from '../list-query.ts'
import { OPERATION } from './connection.ts'
import type { IndexPlan } from './index-plan.ts'
import { planIndexes } from './indexes.ts'
import { freeRanges, LEASES, type LeaseDocument } from './lease-documents.ts'
import { listingIndexes } from './listing-indexes.ts'
import { refuseUnfinished } from './moving.ts'
import { FACTS, OUTBOX_INDEXES, positionsOf } from './outbox-documents.ts'
import { GROUP_POSITIONS, ROLL_UPS } from './roll-up-documents.ts'
import { STOCK_INDEXES } from './stock-documents.ts'

/** Raised when documents change so that older programs would misread them. */
const SCHEMA_VERSION = 1
/** Building an index over a large collection takes its time. */
const INDEX_BUILD_MS = 30 * 60 * 1_000

interface SchemaFact {
  _id: 'schema'
  version: number
}

/** Collections that need no index beside the one of ids. */
const PLAIN = [FACTS, LEASES, ROLL_UPS, GROUP_POSITIONS]

/** Every index that the storage needs. */
export function wantedIndexes(collections: readonly (Indexed & { listing?: unknown })[]): IndexPlan[] {
  const listed = collections.filter(({ listing }) => listing !== undefined)
  return [
    ...collections.flatMap(planIndexes),
    ...listed.flatMap(({ name }) => listingIndexes(name)),
    ...STOCK_INDEXES,
    ...OUTBOX_INDEXES,
  ]
}

/** Refuses a database that is a newer program's, or somebody else's. Says whether it was prepared before. */
export async function checkSchema(db: Db, wanted: readonly IndexPlan[]): Promise<boolean> {
  await refuseUnfinished(db)
  const schema = await db.collection<SchemaFact>(FACTS).findOne({ _id: 'schema' }, OPERATION)
  if (schema && schema.version > SCHEMA_VERSION) {
    throw new StartRefused(
      `The database ${db.databaseName} has schema version ${schema.version} and this program knows ${SCHEMA_VERSION}: a newer version of it wrote there. Start that version.`,
    )
  }
  if (schema) return true
  const ours = new Set([...PLAIN, ...wanted.map(({ collection }) => collection)])
  const names = (await db.listCollections({}, { nameOnly: true, ...OPERATION }).toArray()).map(
    ({ name }) => name,
  )
  const foreign = names.filter((name) => !ours.has(name) && !name.startsWith('system.'))
  if (foreign.length > 0) {
    throw new StartRefused(
      `The database ${db.databaseName} holds something else (${foreign.slice(0, 5).join(', ')}). Name another database in the path of MONGODB_URL.`,
    )
  }
  return false
}

export interface Prepared {
  /** `collection.index` */
  made: string[]
  there: string[]
}

/** Makes the indexes and documents that are missing, and those indexes anew whose definition has changed. */
export async function prepareSchema(db: Db, wanted: readonly IndexPlan[]): Promise<Prepared> {
  const { missing, different } = await compareIndexes(db, wanted)
  for (const { collection, name } of different) await db.collection(collection).dropIndex(name, OPERATION)
  const making = [...missing, ...different]
  for (const [collection, plans] of Map.groupBy(making, (plan) => plan.collection)) {
    const indexes = plans.map(({ collection: _, ...index }) => index)
    await db.collection(collection).createIndexes(indexes, { maxTimeMS: INDEX_BUILD_MS })
  }
  await db.collection<LeaseDocument>(LEASES).bulkWrite(freeRanges(), { ordered: false, ...OPERATION })
  await positionsOf(db).updateOne(
    { _id: 'outbox' },
    { $setOnInsert: { given: 0, acknowledged: 0 } },
    { upsert: true, ...OPERATION },
  )
  // Last, so that one who comes in between finds the work unfinished and does it too.
  await db
    .collection<SchemaFact>(FACTS)
    .updateOne({ _id: 'schema' }, { $max: { version: SCHEMA_VERSION } }, { upsert: true, ...OPERATION })
  const made = new Set(making.map(nameOf))
  return { made: [...made], there: wanted.map(nameOf).filter((name) => !made.has(name)) }
}

/** Refuses a database that lacks an index or has another one in its place. */
export async function checkIndexes(db: Db, wanted: readonly IndexPlan[]): Promise<void> {
  const { missing, different } = await compareIndexes(db, wanted)
  const wrong = [...missing, ...different]
  const first = wrong.find(({ unique }) => unique) ?? wrong[0]
  if (!first) return
  const what = missing.includes(first) ? 'lacks' : 'has another definition of'
  const others = wrong.length > 1 ? ` (and ${wrong.length - 1} more)` : ''
  throw new StartRefused(
    `The collection ${first.collection} of the database ${db.databaseName} ${what} the ${first.unique ? 'unique ' : ''}index ${first.name}${others}. Run ./scripts/bootstrap.sh, which makes the indexes.`,
  )
}

const nameOf = ({ collection, name }: IndexPlan) => `${collection}.${name}`

async function compareIndexes(db: Db, wanted: readonly IndexPlan[]) {
  const missing: IndexPlan[] = []
  const different: IndexPlan[] = []
  await Promise.all(
    [...Map.groupBy(wanted, ({ collection }) => collection)].map(async ([collection, plans]) => {
      const known = await indexesOf(db, collection)
      for (const plan of plans) {
        const index = known.get(plan.name)
        if (!index) missing.push(plan)
        else if (definitionOf(index) !== definitionOf(plan)) different.push(plan)
      }
    }),
  )
  return { missing, different }
}

async function indexesOf(db: Db, collection: string): Promise<Map<string, Document>> {
  const exists = await db.listCollections({ name: collection }, { nameOnly: true, ...OPERATION }).hasNext()
  const indexes = exists ? await db.collection(collection).listIndexes(OPERATION).toArray() : []
  return new Map(indexes.map((index) => [index.name as string, index]))
}

/** What an index does, as a text to compare: servers give options back in their own way. */
function definitionOf({ key, unique, sparse, partialFilterExpression }: Document): string {
  const fields = Object.entries(key as Document).map(([path, direction]) => [path, Number(direction)])
  const partial = Object.entries((partialFilterExpression ?? {}) as Document).sort(([a], [b]) =>
    a < b ? -1 : 1,
  )
  return JSON.stringify([fields, unique === true, sparse === true, partial])
}
