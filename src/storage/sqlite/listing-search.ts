import { type ListingPage, type ListingQuery, LOOKED_AT, lookedAt, RANKED } from '../listing.ts'
import { allConditions } from './listing-conditions.ts'
import type { Filter, Reader } from './listing-filter.ts'
import { searchNumbers, sortedPage } from './listing-matches.ts'
import { rankedPage } from './listing-ranking.ts'
import type { OrderedSort } from './listing-sorts.ts'

/** A page of products that hold all words of `query.text`. */
export function searchPage(
  reader: Reader,
  filter: Filter,
  query: ListingQuery & { text: string },
): ListingPage {
  const narrowed = allConditions(filter).length > 0
  if (query.sort !== 'relevance') {
    const numbers = searchNumbers(reader, query.text, { limit: LOOKED_AT })
    const page = sortedPage(reader, numbers, { filter, query: { ...query, sort: query.sort as OrderedSort } })
    return { ...page, looked_at: lookedAt(numbers.length, LOOKED_AT) }
  }
  const limit = narrowed ? LOOKED_AT : RANKED
  const numbers = candidates(reader, query.text, limit)
  return { ...rankedPage(reader, numbers, { filter, query }), looked_at: lookedAt(numbers.length, limit) }
}

function candidates(reader: Reader, text: string, limit: number): number[] {
  const named = searchNumbers(reader, text, { limit, columns: 'name skus' })
  if (named.length === limit) return named
  return [...new Set([...named, ...searchNumbers(reader, text, { limit })])].slice(0, limit)
}
