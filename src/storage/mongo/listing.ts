import { type ListingOperations, type ListingPage, sortOf } from '../listing.ts'
import { createCategoryCounts } from './category-counts.ts'
import type { MongoEngine } from './engine.ts'
import { countMatches, facetsOf } from './listing-facets.ts'
import { EVERYTHING, type Filter, filterOf } from './listing-filter.ts'
import { createListingReader, type ListingReader, rarestOf } from './listing-reader.ts'
import { NOTHING, type OrderedQuery } from './listing-rows.ts'
import { searchPage } from './listing-search.ts'
import { sortedPage } from './listing-sorted.ts'
import { fewOf } from './listing-sources.ts'
import { type Walk, walkPage } from './listing-walk.ts'

/** Products that are looked at before it is asked whether sorting the few that can match is better. */
const SHORT_WALK = 1_000
const LONG_WALK = 20_000
/** Terms whose ranges the server merges in order; below a larger tree of categories everything is walked. */
const MAX_MERGED = 100

/** Lists, search and facets over `_listing` and `_figures` of the listed documents. */
export function createListing(engine: MongoEngine): ListingOperations {
  const reader = createListingReader(engine)
  return {
    async page(query) {
      const ordered = { ...query, sort: sortOf(query) }
      const filter = filterOf(query)
      if (!filter) return NOTHING
      const { text } = ordered
      return text === undefined
        ? listPage(reader, filter, ordered as OrderedQuery)
        : searchPage(reader, filter, { ...ordered, text })
    },
    count: (query) => countMatches(reader, query),
    facets: (query, currency) => facetsOf(reader, query, currency),
    categoryCounts: createCategoryCounts(engine),
  }
}

async function listPage(reader: ListingReader, filter: Filter, query: OrderedQuery): Promise<ListingPage> {
  // One condition is no choice: its range is walked without asking how long it is.
  const merged = filter.groups.filter((terms) => terms.length <= MAX_MERGED)
  const rarest = merged.length > 1 ? await rarestOf(reader, merged) : undefined
  const walk: Walk = { filter, query, driver: rarest?.terms ?? merged[0] ?? EVERYTHING, rows: SHORT_WALK }
  const short = await walkPage(reader, walk)
  if (short.complete || short.page.cards.length === query.limit) return short.page
  const few = await fewOf(reader, filter)
  if (few) return sortedPage(reader, { source: few, filter, query })
  return (await walkPage(reader, { ...walk, rows: LONG_WALK })).page
}
