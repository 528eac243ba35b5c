import { type ListingFacets, type ListingFilter, LOOKED_AT } from '../listing.ts'
import { type FacetTerm, facetsIn } from '../listing-facets.ts'
import type { Count } from '../storage.ts'
import { allConditions } from './listing-conditions.ts'
import { type Reader, resolveFilter } from './listing-filter.ts'
import { newestMatches } from './listing-matches.ts'

interface FacetRow {
  price: number
  currency: string
  terms: string
}

/** Counts over the newest 10,000 matches. */
export function facetsOf(reader: Reader, query: ListingFilter, currency: string): ListingFacets {
  const { rows, complete } = newestMatches<FacetRow>(reader, query, 'l.price, l.currency, l.terms')
  const counts = new Map<number, number>()
  for (const row of rows) {
    for (const term of JSON.parse(row.terms) as number[]) counts.set(term, (counts.get(term) ?? 0) + 1)
  }
  const named = [...counts]
    .sort((a, b) => b[1] - a[1] || a[0] - b[0])
    .map(([term, count]) => ({ ...nameOf(reader, term), count }))
  return facetsIn(named, {
    total: { value: rows.length, relation: complete ? 'eq' : 'gte' },
    prices: rows.filter((row) => row.currency === currency).map((row) => row.price),
  })
}

function nameOf(reader: Reader, term: number): Omit<FacetTerm, 'count'> {
  const row = reader.prepare('SELECT kind, value FROM listing_terms WHERE term = ?').get(term)
  return row as Omit<FacetTerm, 'count'>
}

/** How many products match; counting stops at 10,000. */
export function countMatches(reader: Reader, query: ListingFilter): Count {
  const filter = resolveFilter(reader, query)
  if (!filter) return { value: 0, relation: 'eq' }
  const [group = filter.all] = filter.groups
  const oneTerm = filter.groups.length <= 1 && group.terms.length === 1
  if (query.text === undefined && oneTerm && allConditions(filter).length === filter.groups.length) {
    // Terms count their products; no row need be met.
    return group.products > LOOKED_AT
      ? { value: LOOKED_AT, relation: 'gte' }
      : { value: group.products, relation: 'eq' }
  }
  const { rows, complete } = newestMatches(reader, query, 'l.number')
  return { value: rows.length, relation: complete ? 'eq' : 'gte' }
}
