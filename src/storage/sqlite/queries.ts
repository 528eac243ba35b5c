import type { StatementSync } from 'node:sqlite'
import { MAX_COUNT, successor, walkedIndex } from '../list-query.ts'
import type { IndexValue, ListQuery, Position } from '../storage.ts'
import { type CollectionPlan, column, extracted, indexName } from './collection-schema.ts'

/** Index entries that one statement looks at when documents are judged one by one. */
const SCANNED_AT_ONCE = 5_000
/** What a page holds at most: a hundred orders may have 500 lines each, and whoever asks for them lets others wait. */
const MAX_PAGE_CHARACTERS = 2 * 1024 * 1024

export type PlainListQuery = ListQuery & { collection: string }
export type CountQuery = Omit<PlainListQuery, 'limit' | 'order'>
type Prepare = (sql: string) => StatementSync
type Value = string | number

export interface Found {
  body: string
}

/** The part of an index that a query runs over, as SQL. */
interface Walk {
  from: string
  where: string[]
  values: Value[]
  /** Expressions that order it; the last breaks ties. */
  order: string[]
  id: string
  direction: 'ASC' | 'DESC'
}

export const bound = (value: IndexValue): Value => (typeof value === 'boolean' ? Number(value) : value)

/** Up to `limit` bodies of a declared index, in one statement that reads just these. */
export function listPage(prepare: Prepare, plan: CollectionPlan, query: ListQuery): Found[] {
  const walk = walkOf(plan, query)
  const sql = `SELECT d.body FROM ${walk.from} WHERE ${walk.where.join(' AND ')} ${ordered(walk)} LIMIT ?`
  return pageOf(prepare(sql).iterate(...walk.values, query.limit))
}

/** How many of these a page takes, which holds `limit` at most: at least one, and no more than `MAX_PAGE_CHARACTERS` else. */
export function fitting(found: readonly Found[], limit: number): number {
  let characters = 0
  const over = found.findIndex(({ body }, place) => {
    characters += body.length
    return place > 0 && characters > MAX_PAGE_CHARACTERS
  })
  return Math.min(over < 0 ? found.length : over, limit)
}

/** What a page takes, and one more where there is more. */
function pageOf(rows: Iterable<unknown>): Found[] {
  const found: Found[] = []
  let characters = 0
  for (const row of rows) {
    found.push(row as Found)
    characters += (row as Found).body.length
    if (characters > MAX_PAGE_CHARACTERS && found.length > 1) break
  }
  return found
}

/** What one part of an index gave, and where the next begins; null behind the last. */
export interface Scanned<Got> {
  got: Got
  last: Position | null
}

/** The same with residual conditions, over one part of the index: other reads have their turn between two parts. */
export function scanPart(prepare: Prepare, plan: CollectionPlan, query: ListQuery): Scanned<Found[]> {
  const { part, values, residual, last } = partOf(prepare, plan, query)
  const direction = query.order === 'desc' ? 'DESC' : 'ASC'
  const sql = `SELECT d.body FROM ${part} AS part CROSS JOIN "${plan.name}" AS d ON d.n = part.n
    WHERE ${residual} ORDER BY part.value ${direction}, part.id ${direction} LIMIT ?`
  return { got: pageOf(prepare(sql).iterate(...values, query.limit)), last }
}

/** How many there are, up to one more than is told; with residual conditions in one part of the index. */
export function countPart(prepare: Prepare, plan: CollectionPlan, query: CountQuery): Scanned<number> {
  if (!isScan(query)) {
    const walk = walkOf(plan, query)
    const sql = `SELECT count(*) AS count FROM (SELECT 1 FROM ${walk.from} WHERE ${walk.where.join(' AND ')} LIMIT ?)`
    return { got: prepare(sql).get(...walk.values, MAX_COUNT + 1)!.count as number, last: null }
  }
  const { part, values, residual, last } = partOf(prepare, plan, query)
  const sql = `SELECT count(*) AS count FROM ${part} AS part CROSS JOIN "${plan.name}" AS d ON d.n = part.n WHERE ${residual}`
  return { got: prepare(sql).get(...values)!.count as number, last }
}

/** Whether documents have to be judged one by one. */
export function isScan({ where }: Pick<ListQuery, 'where'>): boolean {
  return where !== undefined && Object.keys(where).length > 0
}

/** The next `SCANNED_AT_ONCE` entries of the index as a table, what has to hold of their documents, and the last of them if there may be more. */
function partOf(prepare: Prepare, plan: CollectionPlan, query: Omit<ListQuery, 'limit'>) {
  const conditions = Object.entries(query.where ?? {})
  const walk = walkOf(plan, query)
  const matching = `FROM ${walk.from} WHERE ${walk.where.join(' AND ')} ${ordered(walk)}`
  const entry = `${walk.order[0]} AS value, ${walk.id} AS id`
  const edge = prepare(`SELECT ${entry} ${matching} LIMIT 1 OFFSET ${SCANNED_AT_ONCE - 1}`)
  const last = edge.get(...walk.values) as unknown as Position | undefined
  return {
    part: `(SELECT d.n AS n, ${entry} ${matching} LIMIT ${SCANNED_AT_ONCE})`,
    values: [...walk.values, ...conditions.map(([, value]) => bound(value))],
    residual: conditions.map(([path]) => `${fieldOf(plan, path)} = ?`).join(' AND '),
    last: last ? { ...last } : null,
  }
}

function fieldOf(plan: CollectionPlan, path: string): string {
  return plan.columns.includes(path) ? `d.${column(path)}` : `(${extracted('d.body', path)})`
}

function ordered({ order, direction }: Walk): string {
  return `ORDER BY ${order.map((name) => `${name} ${direction}`).join(', ')}`
}

function walkOf(plan: CollectionPlan, query: Omit<ListQuery, 'limit'>): Walk {
  const { fields, unique, multi } = walkedIndex(plan, query)
  const equal = query.equal ?? []
  const name = indexName(plan.name, query.index)
  const columns = fields.map((path, place) => (multi ? `s.k${place}` : `d.${column(path)}`))
  const id = multi ? 's.id' : 'd.id'
  const walk: Walk = {
    from: multi
      ? `${name} AS s CROSS JOIN "${plan.name}" AS d ON d.n = s.n`
      : `"${plan.name}" AS d INDEXED BY ${name}`,
    where: columns.map((field, place) => (place < equal.length ? `${field} = ?` : `${field} IS NOT NULL`)),
    values: equal.map(bound),
    order: [],
    id,
    direction: query.order === 'desc' ? 'DESC' : 'ASC',
  }
  const ordering = columns[equal.length]
  if (ordering === undefined) walk.order = [id]
  // Values of a unique index have no ties; naming the id would make SQLite sort what is in order already.
  else walk.order = unique ? [ordering] : [ordering, id]
  if (ordering !== undefined) addRange(walk, ordering, query)
  if (query.after) addCursor(walk, query.after, { ordering, id, unique: unique === true })
  return walk
}

function addRange(walk: Walk, field: string, { range = {}, after, order }: Omit<ListQuery, 'limit'>): void {
  const end = range.prefix ? successor(range.prefix) : undefined
  const bounds: [string, IndexValue | undefined][] = [
    ['>=', range.prefix],
    ['>=', range.from],
    ['<', end],
    ['<', range.before],
  ]
  for (const [operator, value] of bounds) {
    if (value === undefined) continue
    // The cursor is the closer bound on its side; a second one there would only confuse the planner.
    if (after && operator === (order === 'desc' ? '<' : '>=')) continue
    walk.where.push(`${field} ${operator} ?`)
    walk.values.push(bound(value))
  }
}

function addCursor(
  walk: Walk,
  after: Position,
  at: { ordering: string | undefined; id: string; unique: boolean },
): void {
  const operator = walk.direction === 'DESC' ? '<' : '>'
  if (at.ordering === undefined) {
    walk.where.push(`${at.id} ${operator} ?`)
    walk.values.push(after.id)
  } else if (at.unique) {
    walk.where.push(`${at.ordering} ${operator} ?`)
    walk.values.push(bound(after.value))
  } else {
    walk.where.push(`(${at.ordering}, ${at.id}) ${operator} (?, ?)`)
    walk.values.push(bound(after.value), after.id)
  }
}
