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
  in_stock: boolean | undefined
  currency: string | undefined
  min_price: number | undefined
  max_price: number | undefined
}

/**
 * A condition on `d`, where numbers of products come from, or on `l`, their rows. A clause is in a statement only
 * when it was asked for.
 */
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
    in_stock: query.in_stock,
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

/** That a product is under one of a group's terms. */
function inGroup(group: TermGroup): Condition {
  const [only] = group.terms
  if (group.terms.length === 1) {
    return {
      sql: 'EXISTS (SELECT 1 FROM listing_postings m WHERE m.term = ? AND m.number = d.number)',
      values: [only!],
    }
  }
  return {
    sql: `EXISTS (SELECT 1 FROM listing_postings m
      WHERE m.term IN (SELECT value FROM json_each(?)) AND m.number = d.number)`,
    values: [JSON.stringify(group.terms)],
  }
}

/** The asked currency and range of prices on these columns: of a posting, or of the row. */
export function priceConditions(filter: Filter, prefix: '' | 'd.' | 'l.'): Condition[] {
  const { currency, min_price, max_price } = filter
  return [
    ...(currency === undefined ? [] : [{ sql: `${prefix}currency = ?`, values: [currency] }]),
    ...(min_price === undefined ? [] : [{ sql: `${prefix}price >= ?`, values: [min_price] }]),
    ...(max_price === undefined ? [] : [{ sql: `${prefix}price <= ?`, values: [max_price] }]),
  ]
}

/** What a product must fulfil beside its price and beside being under `driver`. */
export function otherConditions(filter: Filter, driver: TermGroup | undefined): Condition[] {
  return [
    ...filter.groups.filter((group) => group !== driver).map(inGroup),
    ...(filter.in_stock === undefined
      ? []
      : [{ sql: filter.in_stock ? 'l.available > 0' : 'l.available = 0', values: [] }]),
  ]
}
