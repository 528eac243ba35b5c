import type { Count } from './storage.ts'

/**
 * The listing: one narrow row per active product, kept by the same commit as the product, that lists, searches
 * and facets read. `available`, `rating` and `sold` come from the roll-up `product_stats` and reach the row with it.
 */
export interface ListingRow {
  price: number
  currency: string
  name: string
  /** Ids of the product's categories. Descendants are the query's business. */
  category_ids: string[]
  tags: string[]
  /** `name=value`, one entry per pair. */
  attributes: string[]
  /** What search looks at, best field first; accents and case do not matter. */
  text: { name: string; skus: string; tags: string; description: string }
  /** The card's JSON as lists answer it, without `available` and `rating`. */
  card: string
}

export type ListingSort = 'relevance' | '-created_at' | 'price' | '-price' | '-rating' | '-sold' | 'name'

export interface ListingQuery {
  /** Words; all must match, the last as a prefix. Never an expression. */
  text?: string
  /** Any of these: a category and its descendants. */
  categories?: readonly string[]
  tag?: string
  /** `name=value`, all of them. */
  attributes?: readonly string[]
  currency?: string
  min_price?: number
  max_price?: number
  in_stock?: boolean
  sort: ListingSort
  after?: ListingPosition
  limit: number
  /** Cards say at most this many are available; without it they say the true number. */
  available_cap?: number
}

/** What decides which products match. */
export type ListingFilter = Omit<ListingQuery, 'after' | 'limit' | 'sort' | 'available_cap'>

export interface ListingPosition {
  value: string | number
  id: string
}

export interface ListingPage {
  /** JSON texts of the cards with `available` and `rating`, ready to be joined. */
  cards: string[]
  /**
   * Null at the end. A page may hold fewer than `limit` cards, even none, and still go on: the engine looks
   * at a bounded number of rows for one page, and following `next` misses nothing.
   */
  next: ListingPosition | null
  /** For searches: how many matches were looked at when it was not all of them. */
  looked_at: Count | null
}

export interface ListingFacets {
  /** How many matches these counts are of; `gte` when only the first 10,000 were looked at. */
  total: Count
  categories: { value: string; count: number }[]
  tags: { value: string; count: number }[]
  attributes: { name: string; value: string; count: number }[]
  /** Half-open bands in minor units. */
  prices: { from: number; before: number | null; count: number }[]
}

export interface ListingOperations {
  page(query: ListingQuery): Promise<ListingPage>
  count(query: ListingFilter): Promise<Count>
  /** Bands of price are made of products in `currency`. */
  facets(query: ListingFilter, currency: string): Promise<ListingFacets>
  /** Active products per category, for the tree. */
  categoryCounts(): Promise<Map<string, number>>
}

/** Matches that counts, facets, sorted searches and searches with filters look at: the newest ones. */
export const LOOKED_AT = 10_000
/** Matches that are ranked where no filter narrows them: the newest ones, those in names and SKUs first. */
export const RANKED = 1_000

/** What a search says of having looked at `found` matches of at most `limit`. */
export function lookedAt(found: number, limit: number): Count | null {
  return found < limit ? null : { value: limit, relation: 'gte' }
}

/** The order that is meant: without words there is nothing to be relevant to; amounts of different currencies have none. */
export function sortOf({ sort, text, currency }: ListingQuery): ListingSort {
  if (sort.endsWith('price') && currency === undefined) throw new Error('a list by price needs its currency')
  return sort === 'relevance' && text === undefined ? '-created_at' : sort
}

/** Roll-up whose documents (id = product id, body = ProductStats) join the listing. */
export const PRODUCT_STATS = 'product_stats'

export interface ProductStats {
  /** Per SKU, exact. */
  available: Record<string, number>
  available_total: number
  /** Per SKU, as its stock counts it. */
  sold_of: Record<string, number>
  sold: number
  rating_sum: number
  rating_count: number
  /** How many reviews gave so many stars, `1` to `5`; there from the first one on. */
  rating_of?: Record<string, number>
}
