import type { CloudEvent } from '../../kernel/event.ts'
import { PRODUCT_STATS, type ProductStats } from '../../storage/listing.ts'
import type { RollUpReaction } from '../../stream/reaction.ts'
import { type StockChange, stockChanged } from '../inventory/schema.ts'

/** What lists know of a product beside the product itself: what is there of it and how well it sells. */
export const productStatsReaction: RollUpReaction<ProductStats> = {
  kind: 'roll-up',
  name: PRODUCT_STATS,
  topics: ['ecommerce-inventory'],
  ids: (event) => (event.type === stockChanged.type ? [stockOf(event).product_id] : []),
  empty: () => ({ available: {}, available_total: 0, sold_of: {}, sold: 0, rating_sum: 0, rating_count: 0 }),
  apply(stats, _id, event) {
    const { sku, available, sold } = stockOf(event)
    stats.available_total += available - (stats.available[sku] ?? 0)
    stats.available[sku] = available
    stats.sold += sold - (stats.sold_of[sku] ?? 0)
    stats.sold_of[sku] = sold
  },
}

function stockOf(event: CloudEvent): StockChange {
  return event.data as StockChange
}
