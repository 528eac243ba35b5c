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
}
