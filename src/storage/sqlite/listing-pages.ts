import { LRUCache } from 'lru-cache'
import type { ListingPage, ListingQuery } from '../listing.ts'
import type { Reader } from './listing-filter.ts'
import { PLENTY } from './listing-tables.ts'

/** Characters of all kept pages with their queries: from 32 MB of memory to twice that, by the script they are written in. */
const MAX_PAGES_SIZE = 32 * 1024 * 1024
/** What an entry takes beside its texts, so that pages without cards count too. */
const ENTRY_SIZE = 500

interface KeptPage {
  version: number
  page: ListingPage
}

/**
 * Pages as they were read, each with the version that the listing had just before. A page is answered again while that
 * version stands in the file, so it holds whoever writes, and is never older than the last acknowledged write.
 */
export function createListingPages({ prepare }: Reader) {
  const kept = new LRUCache<string, KeptPage>({
    maxSize: MAX_PAGES_SIZE,
    sizeCalculation: ({ page }, key) =>
      page.cards.reduce((sum, card) => sum + card.length, ENTRY_SIZE + key.length),
  })

  return async function page(
    query: ListingQuery,
    read: () => ListingPage | Promise<ListingPage>,
  ): Promise<ListingPage> {
    const version = prepare('SELECT shown, figures FROM listing_versions').get()![countsFor(query)] as number
    const key = JSON.stringify(query)
    const known = kept.get(key)
    if (known?.version === version) return known.page
    const page = await read()
    kept.set(key, { version, page })
    return page
  }
}

/** Most pages are the same after the sale of what there is plenty of; these tell of it. */
function countsFor({ sort, available_cap = Number.POSITIVE_INFINITY }: ListingQuery): 'shown' | 'figures' {
  return sort === '-sold' || available_cap > PLENTY ? 'figures' : 'shown'
}
