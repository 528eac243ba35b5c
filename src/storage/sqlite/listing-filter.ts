import type { ListingFilter } from '../listing.ts'
import type { TermKind } from './listing-tables.ts'
import type { ReaderContext } from './part.ts'

export type Reader = Pick<ReaderContext, 'prepare'>
export type Value = string | number

/** Any of these terms: one for a tag or an attribute, a category and its descendants for a category. */
export interface TermGroup {
  terms: number[]
  /** Products under them, those under several counted several times. */
  products: number
  kind: TermKind
}

/** A query's conditions in the words of the tables; undefined when nothing can match. */
export interface Filter {
  groups: TermGroup[]
  all: TermGroup
  conditions: Condition[]
  currency: string | undefined
  min_price: number | undefined
  max_price: number | undefined
}

/** A condition on a row `l` of the listing. A clause is in a statement only when it was asked for. */
export interface Condition {
  sql: string
  values: Value[]
}

/** Looks the terms up; undefined when one of them has no product, so nothing can match. */
export function resolveFilter(reader: Reader, query: ListingFilter): Filter | undefined {
  const all = groupOf(reader, 'all', [''])
  const groups = [
    ...(query.categories ? [groupOf(reader, 'category', query.categories)] : []),
    ...(query.tag === undefined ? [] : [groupOf(reader, 'tag', [query.tag])]),
    ...(query.attributes ?? []).map((attribute) => groupOf(reader, 'attribute', [attribute])),
  ]
  if ([all, ...groups].some((group) => group.products === 0)) return undefined
  return {
    groups,
    all,
    conditions: conditionsOf(query),
    currency: query.currency,
    min_price: query.min_price,
    max_price: query.max_price,
  }
}

function groupOf(reader: Reader, kind: TermKind, values: readonly string[]): TermGroup {
  const find = reader.prepare(
    'SELECT term, products FROM listing_terms WHERE kind = ? AND value = ? AND products > 0',
  )
  const found = values.map((value) => find.get(kind, value)).filter((row) => row !== undefined)
  return {
    kind,
    terms: found.map((row) => row.term as number),
    products: found.reduce((sum, row) => sum + (row.products as number), 0),
  }
}

function conditionsOf(query: ListingFilter): Condition[] {
  return [
    ...(query.in_stock === undefined
      ? []
      : [{ sql: query.in_stock ? 'l.available > 0' : 'l.available = 0', values: [] }]),
    ...(query.currency === undefined ? [] : [{ sql: 'l.currency = ?', values: [query.currency] }]),
    ...(query.min_price === undefined ? [] : [{ sql: 'l.price >= ?', values: [query.min_price] }]),
    ...(query.max_price === undefined ? [] : [{ sql: 'l.price <= ?', values: [query.max_price] }]),
  ]
}

/** That a row is under one of a group's terms. */
export function inGroup(group: TermGroup): Condition {
  const [only] = group.terms
  if (group.terms.length === 1) {
    return {
      sql: 'EXISTS (SELECT 1 FROM listing_postings m WHERE m.term = ? AND m.number = l.number)',
      values: [only!],
    }
  }
  return {
    sql: `EXISTS (SELECT 1 FROM listing_postings m
      WHERE m.term IN (SELECT value FROM json_each(?)) AND m.number = l.number)`,
    values: [JSON.stringify(group.terms)],
  }
}

/** Everything a row must fulfil beside being under `driver`. */
export function conditionsBeside(filter: Filter, driver: TermGroup | undefined): Condition[] {
  return [...filter.conditions, ...filter.groups.filter((group) => group !== driver).map(inGroup)]
}
