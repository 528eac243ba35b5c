import {
  type ListingFacets,
  type ListingFilter,
  type ListingOperations,
  type ListingPage,
  type ListingQuery,
  sortOf,
} from '../listing.ts'
import type { Count } from '../storage.ts'
import { countMatches, facetsOf } from './listing-facets.ts'
import { type Reader, rarestGroup, resolveFilter } from './listing-filter.ts'
import { fewNumbers, numbersUnder, sortedPage } from './listing-matches.ts'
import { createListingPages } from './listing-pages.ts'
import { isWalked } from './listing-plan.ts'
import { searchPage } from './listing-search.ts'
import { type OrderedSort, SORTS } from './listing-sorts.ts'
import { LISTING_TABLES } from './listing-tables.ts'
import { LONG_WALK, SHORT_WALK, walkPage } from './listing-walk.ts'
import type { Engine, Part } from './part.ts'

const NOTHING: ListingPage = { cards: [], next: null, looked_at: null }

/** Categories whose ranges the main thread merges; a larger tree below a category is the worker's. */
const MERGED_HERE = 12

/** Products that the main thread sorts where no index has them in order. */
const SORTED_HERE = 500

type OrderedQuery = ListingQuery & { sort: OrderedSort }

/** Lists, search and facets. Rows are written by `putListing` with the product's own commit. */
export const listingPart: Part = {
  schema: LISTING_TABLES,
  writes: () => ({}),
  reads: (reader) => ({
    'listing.page': (query: ListingQuery) => longPage(reader, query),
    'listing.count': (query: ListingFilter) => countMatches(reader, query),
    'listing.facets': ({ query, currency }: { query: ListingFilter; currency: string }) =>
      facetsOf(reader, query, currency),
    'listing.categoryCounts': () =>
      reader
        .prepare("SELECT value, products FROM listing_terms WHERE kind = 'category' AND products > 0")
        .all()
        .map((row): [string, number] => [row.value as string, row.products as number]),
  }),
}

/** The listing as the main thread has it: what one short walk answers is answered here, the rest in the worker. */
export function createListing(engine: Engine): ListingOperations {
  const pages = createListingPages(engine)
  return {
    async page(query) {
      const ordered = { ...query, sort: sortOf(query) }
      const read = () => shortPage(engine, ordered) ?? engine.read<ListingPage>('listing.page', ordered)
      // Searches are seldom asked twice, and would push out what is.
      return query.text === undefined ? pages(ordered, read) : read()
    },
    count: (query) => engine.read<Count>('listing.count', query),
    facets: (query, currency) => engine.read<ListingFacets>('listing.facets', { query, currency }),
    categoryCounts: async () => new Map(await engine.read<[string, number][]>('listing.categoryCounts', {})),
  }
}

function shortPage(reader: Reader, query: ListingQuery): ListingPage | undefined {
  if (query.text !== undefined || (query.categories?.length ?? 0) > MERGED_HERE) return undefined
  const filter = resolveFilter(reader, query)
  if (!filter) return NOTHING
  const ordered = query as OrderedQuery
  const rarest = rarestGroup(filter)
  if (rarest.products <= SORTED_HERE && !isWalked(rarest, SORTS[ordered.sort]))
    return sortedPage(reader, numbersUnder(reader, rarest), { filter, query: ordered })
  const walked = walkPage(reader, filter, ordered, SHORT_WALK)
  return walked.complete ? walked.page : undefined
}

function longPage(reader: Reader, query: ListingQuery): ListingPage {
  const filter = resolveFilter(reader, query)
  if (!filter) return NOTHING
  if (query.text !== undefined) return searchPage(reader, filter, { ...query, text: query.text })
  const ordered = query as OrderedQuery
  const few = fewNumbers(reader, filter)
  if (!few) return walkPage(reader, filter, ordered, LONG_WALK).page
  // A walk meets a match every so many rows; where that is sooner than sorting all that can match, it goes first.
  const met = ((query.limit + 1) * filter.all.products) / Math.max(1, few.length)
  if (met * 2 < few.length) {
    const walked = walkPage(reader, filter, ordered, LONG_WALK)
    if (walked.complete) return walked.page
  }
  return sortedPage(reader, few, { filter, query: ordered })
}
