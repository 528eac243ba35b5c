import type { CloudEvent } from '../../kernel/event.ts'
import { PRODUCT_STATS, type ProductStats } from '../../storage/listing.ts'
import type { RollUpReaction } from '../../stream/reaction.ts'
import { type StockChange, stockChanged } from '../inventory/schema.ts'
import { RATING_EVENTS, type ReviewState } from '../reviews/schema.ts'

const REVIEWED: ReadonlySet<string> = new Set(RATING_EVENTS.map(({ type }) => type))

/** What lists know of a product beside the product itself: what is there of it, how well it sells and what customers think of it. */
export const productStatsReaction: RollUpReaction<ProductStats> = {
  kind: 'roll-up',
  name: PRODUCT_STATS,
  topics: ['ecommerce-inventory'],
  ids: (event) => (event.type === stockChanged.type || REVIEWED.has(event.type) ? [productOf(event)] : []),
  empty: () => ({ available: {}, available_total: 0, sold_of: {}, sold: 0, rating_sum: 0, rating_count: 0 }),
  apply(stats, _id, event) {
    if (REVIEWED.has(event.type)) return countReview(stats, event.data as ReviewState)
    const { sku, available, sold } = stockOf(event)
    stats.available_total += available - (stats.available[sku] ?? 0)
    stats.available[sku] = available
    stats.sold += sold - (stats.sold_of[sku] ?? 0)
    stats.sold_of[sku] = sold
  },
}

/** Those that are shown count. */
function countReview(stats: ProductStats, { status, rating, from_status, from_rating }: ReviewState): void {
  if (from_status === 'approved' && from_rating !== null) add(stats, from_rating, -1)
  if (status === 'approved') add(stats, rating, 1)
}

function add(stats: ProductStats, rating: number, reviews: 1 | -1): void {
  stats.rating_sum += rating * reviews
  stats.rating_count += reviews
  stats.rating_of ??= { 1: 0, 2: 0, 3: 0, 4: 0, 5: 0 }
  stats.rating_of[rating] = (stats.rating_of[rating] ?? 0) + reviews
}

function productOf(event: CloudEvent): string {
  return (event.data as { product_id: string }).product_id
}

function stockOf(event: CloudEvent): StockChange {
  return event.data as StockChange
}
