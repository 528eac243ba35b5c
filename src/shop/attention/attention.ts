import type { Analytics } from '../analytics/analytics.ts'
import type { Orders } from '../orders/orders.ts'
import type { Webhooks } from '../webhooks/webhooks.ts'
import { longestFirst, ofNotice, ofOrder, ofParked } from './rules.ts'
import { type AttentionView, MAX_SHOWN, type ParkedSubject } from './schema.ts'

export interface AttentionOptions {
  orders: Pick<Orders, 'troubled'>
  webhooks: Pick<Webhooks, 'strange'>
  analytics: Pick<Analytics, 'lowStock'>
  parked(): ParkedSubject[]
}

export type Attention = ReturnType<typeof createAttention>

/** What waits for a human, from wherever it waits. */
export function createAttention({ orders, webhooks, analytics, parked }: AttentionOptions) {
  return {
    async all(): Promise<AttentionView> {
      const [ofOrders, notices, low_stock] = await Promise.all([
        orders.troubled(MAX_SHOWN),
        webhooks.strange(MAX_SHOWN),
        analytics.lowStock(),
      ])
      const items = [
        ...ofOrders.map(ofOrder),
        ...notices.map(ofNotice),
        ...parked().slice(0, MAX_SHOWN).map(ofParked),
      ]
      return { items: longestFirst(items), low_stock }
    },
  }
}
