import type { Document } from 'mongodb'
import { compareBytes } from '../byte-order.ts'
import { type ListingFacets, type ListingFilter, LOOKED_AT } from '../listing.ts'
import { type FacetTerm, facetsIn } from '../listing-facets.ts'
import type { Count } from '../storage.ts'
import { readTerm } from './listing-fields.ts'
import { allConditions, anyOf, EVERYTHING, filterOf, keep } from './listing-filter.ts'
import type { ListingReader } from './listing-reader.ts'
import { fewOf, newestOf, wordsIn } from './listing-sources.ts'

interface FacetRow {
  price: number
  currency: string
  terms: string[]
}

/** Counts over at most 10,000 matches. */
export async function facetsOf(
  reader: ListingReader,
  query: ListingFilter,
  currency: string,
): Promise<ListingFacets> {
  const fields = {
    _id: 0,
    price: '$_listing.price',
    currency: '$_listing.currency',
    terms: '$_listing.terms',
  }
  const { rows: found, complete } = await matches<FacetRow>(reader, query, [{ $project: fields }])
  const rows = found.slice(0, LOOKED_AT)
  const counts = new Map<string, number>()
  for (const { terms } of rows) for (const term of terms) counts.set(term, (counts.get(term) ?? 0) + 1)
  const named = [...counts]
    .sort((a, b) => b[1] - a[1] || compareBytes(a[0], b[0]))
    .flatMap(([term, count]): FacetTerm[] => {
      const facet = readTerm(term)
      return facet ? [{ ...facet, count }] : []
    })
  return facetsIn(named, {
    total: counted(found.length, complete),
    prices: rows.filter((row) => row.currency === currency).map((row) => row.price),
  })
}

/** How many products match; counting stops at 10,000. */
export async function countMatches(reader: ListingReader, query: ListingFilter): Promise<Count> {
  const filter = filterOf(query)
  if (!filter) return { value: 0, relation: 'eq' }
  const [terms = EVERYTHING] = filter.groups
  const asked = allConditions(filter).length
  if (query.text === undefined && asked === filter.groups.length && asked <= 1) {
    const value = await reader.count(anyOf(terms), { hint: 'listing_created', limit: LOOKED_AT + 1 })
    return counted(value, true)
  }
  const { rows, complete } = await matches<{ count: number }>(reader, query, [{ $count: 'count' }])
  return counted(rows[0]?.count ?? 0, complete)
}

function counted(found: number, complete: boolean): Count {
  const value = Math.min(found, LOOKED_AT)
  return { value, relation: complete && found <= LOOKED_AT ? 'eq' : 'gte' }
}

/** What the last stages make of the matches; `complete` says that there are no others. */
async function matches<Row extends object>(
  reader: ListingReader,
  query: ListingFilter,
  last: Document[],
): Promise<{ rows: Row[]; complete: boolean }> {
  const filter = filterOf(query)
  if (!filter) return { rows: [], complete: true }
  const source =
    query.text === undefined
      ? ((await fewOf(reader, filter)) ?? (await newestOf(reader, filter)))
      : wordsIn(reader, query.text, { field: 'words', limit: LOOKED_AT })
  if (!source) return { rows: [], complete: true }
  const stages = [...source.stages, ...keep(allConditions(filter)), { $limit: LOOKED_AT + 1 }, ...last]
  const [rows, looked_at] = await Promise.all([reader.rows<Row>(stages, source), source.looked_at()])
  return { rows, complete: looked_at === null }
}
