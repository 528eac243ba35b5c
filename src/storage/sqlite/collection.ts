import { assertPage, MAX_COUNT, orderingValue, uniqueIndex, valueAt } from '../list-query.ts'
import { type StampedEvent, stampInsert, stampReplace } from '../stamp.ts'
import type {
  Collection,
  CollectionDefinition,
  Count,
  InsertVerdict,
  ListQuery,
  New,
  Page,
  Position,
  Stored,
} from '../storage.ts'
import { type CollectionPlan, column, indexName } from './collection-schema.ts'
import type { DocumentWrite, Key } from './document-writes.ts'
import type { Engine } from './part.ts'
import {
  bound,
  type CountQuery,
  type Found,
  fitting,
  isScan,
  listPage,
  type PlainListQuery,
  type Scanned,
} from './queries.ts'

/** Others have their turn between two writes. */
const INSERTS_OF_ONE_WRITE = 100

/** One collection as the main thread has it. */
export function createCollection<T extends Stored>(
  engine: Engine,
  definition: CollectionDefinition<T>,
  plan: CollectionPlan,
): Collection<T> {
  const { name } = definition
  const byId = engine.prepare(`SELECT body FROM "${name}" WHERE id = ?`)

  function read(id: string): T | undefined {
    return parse<T>(byId.get(id))
  }

  async function list(query: ListQuery): Promise<Page<T>> {
    assertPage(query.limit)
    // One more than asked for tells whether there is a next page.
    const wanted = { ...query, limit: query.limit + 1 }
    const found = isScan(query) ? await scan(wanted) : listPage(engine.prepare, plan, wanted)
    const items = found.slice(0, fitting(found, query.limit)).map(({ body }) => JSON.parse(body) as T)
    const last = found.length > items.length ? items.at(-1)! : undefined
    return { items, next: last ? { value: orderingValue(plan, query, last), id: last.id } : null }
  }

  /** A page and one more, part by part, so that no filter that fits little keeps the reading worker from others. */
  async function scan(query: ListQuery): Promise<Found[]> {
    const found: Found[] = []
    let after: Position | null = query.after ?? null
    do {
      const limit = query.limit - found.length
      const part: PlainListQuery = { ...query, collection: name, limit, ...(after && { after }) }
      const { got, last }: Scanned<Found[]> = await engine.read('scan', part)
      found.push(...got)
      after = last
    } while (after && fitting(found, query.limit - 1) === found.length)
    return found
  }

  async function count(query: Omit<ListQuery, 'limit' | 'after'>): Promise<Count> {
    let value = 0
    let after: Position | null = null
    do {
      const part: CountQuery = { ...query, collection: name, ...(after && { after }) }
      const { got, last }: Scanned<number> = await engine.read('count', part)
      value += got
      after = last
    } while (after && value <= MAX_COUNT)
    return value > MAX_COUNT ? { value: MAX_COUNT, relation: 'gte' } : { value, relation: 'eq' }
  }

  function toWrite(document: T, version: number, events: StampedEvent[]): DocumentWrite {
    return {
      collection: name,
      id: document.id,
      version,
      body: JSON.stringify(document),
      keys: plan.columns.map((path) => keyOf(document, path)),
      events: events.map(({ topic, json }) => ({ topic, json })),
      ...(definition.listing && { listing: definition.listing(document) }),
    }
  }

  async function insert(draft: New<T>, drafts: Parameters<typeof stampInsert>[1] = []): Promise<T> {
    const { document, events } = stampInsert<T>(draft, drafts)
    await engine.write('insert', toWrite(document, 0, events))
    return document
  }

  return {
    list,
    insert,
    async get(id) {
      return read(id)
    },
    async getMany(ids) {
      return ids.map(read).filter((document) => document !== undefined)
    },
    async getBy(index, values) {
      return parse<T>(engine.prepare(uniqueQuery(plan, index, values.length)).get(...values.map(bound)))
    },
    count,
    async replace(current, drafts = []) {
      const { document, events } = stampReplace(current, drafts)
      await engine.write('replace', toWrite(document, current.version, events))
      return document
    },
    remove: (id, version) =>
      engine.write('remove', { collection: name, id, version, listed: definition.listing !== undefined }),
    async removeOlder(index, before, limit) {
      if (plan.indexes[index]?.fields.length !== 1)
        throw new Error(`${name}.${index} is not an index of one field`)
      if (definition.listing) throw new Error(`documents of ${name} are listed and go one by one`)
      return engine.write('removeOlder', { collection: name, index, before: bound(before), limit })
    },
    async insertMany(drafts) {
      const writes = drafts.map((draft) => toWrite(stampInsert<T>(draft, []).document, 0, []))
      const chunks: Promise<InsertVerdict[]>[] = []
      for (let from = 0; from < writes.length; from += INSERTS_OF_ONE_WRITE)
        chunks.push(engine.write('insertMany', writes.slice(from, from + INSERTS_OF_ONE_WRITE)))
      return (await Promise.all(chunks)).flat()
    },
  }
}

function uniqueQuery(plan: CollectionPlan, index: string, values: number): string {
  const { name } = plan
  const { fields, multi } = uniqueIndex(plan, index, values)
  if (!multi) {
    return `SELECT body FROM "${name}" INDEXED BY ${indexName(name, index)} WHERE ${fields.map((path) => `${column(path)} = ?`).join(' AND ')}`
  }
  return `SELECT d.body FROM ${indexName(name, index)} AS s CROSS JOIN "${name}" AS d ON d.n = s.n
    WHERE ${fields.map((_, place) => `s.k${place} = ?`).join(' AND ')}`
}

function parse<T>(row: object | undefined): T | undefined {
  return row && (JSON.parse((row as Found).body) as T)
}

/** The scalar at a path as its column holds it. */
function keyOf(document: Stored, path: string): Key {
  const value = valueAt(document, path)
  if (typeof value === 'string' || typeof value === 'number') return value
  return typeof value === 'boolean' ? Number(value) : null
}
