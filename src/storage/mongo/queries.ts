import type { Document } from 'mongodb'
import { type Indexed, successor, uniqueIndex, walkedIndex } from '../list-query.ts'
import type { IndexDefinition, IndexValue, ListQuery } from '../storage.ts'
import { presence } from './indexes.ts'

/** A part of a declared index, in its order. */
export interface Walk {
  filter: Document
  sort: Record<string, 1 | -1>
  /** Named where the index holds few of the documents; elsewhere the planner finds it. */
  hint?: string
}

export function walkOf(plan: Indexed, query: Omit<ListQuery, 'limit'>): Walk {
  const definition = walkedIndex(plan, query)
  const { fields } = definition
  const { equal = [], where = {} } = query
  const direction = query.order === 'desc' ? -1 : 1
  const ordering = fields[equal.length]
  const conditions = inIndex(definition, equal)
  for (const [path, value] of Object.entries(where)) conditions.push([path, '$eq', value])
  if (ordering !== undefined) conditions.push([ordering, '$ne', null], ...bounds(ordering, query))
  return {
    filter: { ...allOf(conditions), ...beyond(ordering, query) },
    sort: { ...(ordering !== undefined && { [ordering]: direction }), _id: direction },
    ...(fields.length === 1 && { hint: query.index }),
  }
}

/** The one document that has these values in a unique index. */
export function uniqueFilter(plan: Indexed, index: string, values: readonly IndexValue[]): Document {
  return allOf(inIndex(uniqueIndex(plan, index, values.length), values))
}

function inIndex(definition: IndexDefinition, equal: readonly IndexValue[]): Condition[] {
  const values = equal.map((value, place): Condition => [definition.fields[place]!, '$eq', value])
  const known = new Set(values.map(([path]) => path))
  const others = presence(definition).filter((path) => !known.has(path))
  return [...values, ...others.map((path): Condition => [path, '$exists', true])]
}

/** Documents of a one-field index below a value. */
export function olderFilter({ fields }: IndexDefinition, before: IndexValue): Document {
  return { [fields[0]!]: { $exists: true, $lt: before } }
}

type Condition = [path: string, operator: string, value: unknown]

/** One object where it can be: two bounds of a field on the same side stand beside each other. */
function allOf(conditions: readonly Condition[]): Document {
  const filter: Record<string, Document> = {}
  const others: Document[] = []
  for (const [path, operator, value] of conditions) {
    filter[path] ??= {}
    if (operator in filter[path]) others.push({ [path]: { [operator]: value } })
    else filter[path][operator] = value
  }
  return others.length === 0 ? filter : { ...filter, $and: others }
}

function bounds(path: string, { range = {}, after, order }: Omit<ListQuery, 'limit'>): Condition[] {
  const wanted: [string, IndexValue | undefined][] = [
    ['$gte', range.prefix],
    ['$gte', range.from],
    ['$lt', range.prefix ? successor(range.prefix) : undefined],
    ['$lt', range.before],
  ]
  const found = wanted.flatMap(([operator, value]): Condition[] =>
    value === undefined ? [] : [[path, operator, value]],
  )
  // The cursor's condition is an alternative of two; this bound tells the planner where it begins.
  if (after) found.push([path, order === 'desc' ? '$lte' : '$gte', after.value])
  return found
}

function beyond(ordering: string | undefined, { after, order }: Omit<ListQuery, 'limit'>): Document {
  if (!after) return {}
  const operator = order === 'desc' ? '$lt' : '$gt'
  const behind = { _id: { [operator]: after.id } }
  if (ordering === undefined) return behind
  return { $or: [{ [ordering]: { [operator]: after.value } }, { [ordering]: after.value, ...behind }] }
}
