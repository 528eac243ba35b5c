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

/** Looks the terms up; undefined when one of them has no product, so nothing can match. */
export function resolveFilter(reader: Reader, query: ListingFilter): Filter | undefined {
  const all = groupOf(reader, 'all', [''])
  const groups = [
    ...(query.categories ? [groupOf(reader, 'category', query.categories)] : []),
    ...(query.tag === undefined ? [] : [groupOf(reader, 'tag', [query.tag])]),
    ...(query.attributes ?? []).map((attribute) => groupOf(reader, 'attribute', [attribute])),
  ]
  if ([all, ...groups].some((group) => group.products === 0)) return undefined
  const { in_stock, currency, min_price, max_price } = query
  return { groups, all, in_stock, currency, min_price, max_price }
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

/** The group with the fewest products; all products where nothing else is asked. */
export function rarestGroup({ groups, all }: Pick<Filter, 'groups' | 'all'>): TermGroup {
  return groups.reduce((least, group) => (group.products < least.products ? group : least), all)
}
