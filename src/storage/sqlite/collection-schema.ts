import type { DatabaseSync } from 'node:sqlite'
import type { CollectionDefinition, IndexDefinition } from '../storage.ts'
import { synchronise } from './schema-changes.ts'

/** What the worker threads need of a collection's definition: plain data. */
export interface CollectionPlan {
  name: string
  /** Paths that have a column of their own, in the order of the keys of a write. */
  columns: string[]
  indexes: Record<string, IndexDefinition>
}

const NAME = /^[a-z][a-z0-9_]*$/
const PATH = /^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*$/

/** Checks a definition and says which columns it needs. */
export function planCollection(
  definition: Pick<CollectionDefinition<never>, 'name' | 'indexes'>,
): CollectionPlan {
  const { name, indexes } = definition
  const columns = new Set<string>()
  for (const [index, { fields, multi }] of Object.entries(indexes)) {
    if (fields.length === 0) throw new Error(`index ${name}.${index} has no fields`)
    for (const path of [name, index])
      if (!NAME.test(path)) throw new Error(`${path} cannot name a table or index`)
    for (const path of fields) if (!PATH.test(path)) throw new Error(`${path} is not a path into a document`)
    for (const path of multi ? fields.slice(1) : fields) columns.add(path)
  }
  return { name, columns: [...columns], indexes }
}

export const column = (path: string) => `"$${path}"`
export const indexName = (collection: string, index: string) => `"${collection}.${index}"`
const jsonPath = (path: string) =>
  `'$${path
    .split('.')
    .map((part) => `."${part}"`)
    .join('')}'`

/** A scalar of the document; NULL for what is missing, an array or an object. */
export function extracted(body: string, path: string): string {
  const at = jsonPath(path)
  return `CASE WHEN json_type(${body}, ${at}) NOT IN ('array', 'object') THEN json_extract(${body}, ${at}) END`
}

/** Makes the tables and indexes of a collection, and brings them to a changed definition. */
export function createCollection(db: DatabaseSync, plan: CollectionPlan): void {
  const table = `"${plan.name}"`
  db.exec(`CREATE TABLE IF NOT EXISTS ${table} (
    n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, version INTEGER NOT NULL, body TEXT NOT NULL)`)
  const known = new Set(
    db
      .prepare(`PRAGMA table_info(${table})`)
      .all()
      .map((row) => row.name),
  )
  for (const path of plan.columns)
    if (!known.has(`$${path}`)) db.exec(`ALTER TABLE ${table} ADD COLUMN ${column(path)}`)
  const wanted = new Map<string, string[]>()
  const columns = new Map<string, string[]>()
  for (const [index, definition] of Object.entries(plan.indexes)) {
    const statements = definition.multi
      ? sideTable(plan, index, definition)
      : [plainIndex(plan, index, definition)]
    wanted.set(`${plan.name}.${index}`, statements)
    columns.set(
      `${plan.name}.${index}`,
      definition.multi ? definition.fields.slice(1) : [...definition.fields],
    )
  }
  // A column that is new is empty, and an older program that did not know it wrote past it.
  synchronise(db, plan.name, wanted, (index) => {
    for (const path of columns.get(index)!) fill(db, table, path)
  })
}

function fill(db: DatabaseSync, table: string, path: string): void {
  const value = extracted('body', path)
  db.exec(`UPDATE ${table} SET ${column(path)} = ${value} WHERE ${column(path)} IS NOT ${value}`)
}

function plainIndex(plan: CollectionPlan, index: string, { fields, unique }: IndexDefinition): string {
  const columns = fields.map(column)
  // The id at the end breaks ties in the order of lists.
  const keys = unique ? columns : [...columns, 'id']
  const present = columns.map((name) => `${name} IS NOT NULL`).join(' AND ')
  return `CREATE ${unique ? 'UNIQUE ' : ''}INDEX ${indexName(plan.name, index)} ON "${plan.name}" (${keys.join(', ')}) WHERE ${present}`
}

/** A multi-valued index: a table with a row per element, kept by triggers. */
function sideTable(plan: CollectionPlan, index: string, { fields, unique }: IndexDefinition): string[] {
  const [elements, ...rest] = fields as [string, ...string[]]
  const table = `"${plan.name}"`
  const side = indexName(plan.name, index)
  const keys = fields.map((_, place) => `k${place}`)
  const primaryKey = unique ? keys : [...keys, 'id']
  const values = (row: string) => rest.map((path) => `${row}.${column(path)}`)
  const insert = (row: string, from = '') =>
    `INSERT INTO ${side} (${[...keys, 'id', 'n'].join(', ')}) ` +
    elementQueries({ row, from, path: elements, others: [...values(row), `${row}.id`, `${row}.n`] })
  const remove =
    `DELETE FROM ${side} WHERE k0 IN (${elementQueries({ row: 'old', from: '', path: elements, others: [] })})` +
    `${values('old')
      .map((value, place) => ` AND k${place + 1} = ${value}`)
      .join('')} AND id = old.id`
  const container = jsonPath(elements.split('.')[0]!)
  const moved = [`old.body -> ${container} IS NOT new.body -> ${container}`]
  for (const path of rest) moved.push(`old.${column(path)} IS NOT new.${column(path)}`)
  const trigger = (when: string) =>
    `CREATE TRIGGER ${indexName(plan.name, `${index}.${when}`)} AFTER ${when} ON ${table}`
  return [
    `CREATE TABLE ${side} (${keys.map((key) => `${key} NOT NULL`).join(', ')}, id TEXT NOT NULL, n INTEGER NOT NULL, PRIMARY KEY (${primaryKey.join(', ')})) WITHOUT ROWID`,
    insert('every', `${table} AS every, `),
    `${trigger('INSERT')} BEGIN ${insert('new')}; END`,
    `${trigger('UPDATE')} WHEN ${moved.join(' OR ')} BEGIN ${remove}; ${insert('new')}; END`,
    `${trigger('DELETE')} BEGIN ${remove}; END`,
  ]
}

/** Rows of distinct elements: those of an array at the path, or a field of the objects of an array. */
function elementQueries(query: { row: string; from: string; path: string; others: string[] }): string {
  const parts = query.path.split('.')
  const field = parts.pop()!
  const own = elementQuery(query, query.path, 'value')
  if (parts.length === 0) return own
  return `${own} UNION ${elementQuery(query, parts.join('.'), `json_extract(value, ${jsonPath(field)})`)} AND type = 'object'`
}

function elementQuery(
  { row, from, others }: { row: string; from: string; others: string[] },
  path: string,
  value: string,
) {
  const at = jsonPath(path)
  const present = [value, ...others].map((name) => `${name} IS NOT NULL`).join(' AND ')
  return (
    `SELECT DISTINCT ${[value, ...others].join(', ')} FROM ${from}json_each(${row}.body, ${at}) ` +
    `WHERE json_type(${row}.body, ${at}) = 'array' AND ${present}`
  )
}
