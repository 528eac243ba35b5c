import type { Analytics } from '../analytics/analytics.ts'
import type { Mails } from '../mails/mails.ts'
import type { Orders } from '../orders/orders.ts'
import type { Webhooks } from '../webhooks/webhooks.ts'
import { longestFirst, ofMail, ofNotice, ofOrder, ofParked } from './rules.ts'
import { type AttentionView, MAX_SHOWN, type ParkedSubject } from './schema.ts'

export interface AttentionOptions {
  orders: Pick<Orders, 'troubled'>
  webhooks: Pick<Webhooks, 'strange'>
  mails: Pick<Mails, 'failed'>
  analytics: Pick<Analytics, 'lowStock'>
  parked(): ParkedSubject[]
}

export type Attention = ReturnType<typeof createAttention>

/** What waits for a human, from wherever it waits. */
export function createAttention({ orders, webhooks, mails, analytics, parked }: AttentionOptions) {
  return {
    async all(): Promise<AttentionView> {
      const [ofOrders, notices, unsent, low_stock] = await Promise.all([
        orders.troubled(MAX_SHOWN),
        webhooks.strange(MAX_SHOWN),
        mails.failed(MAX_SHOWN),
        analytics.lowStock(),
      ])
      const items = [
        ...ofOrders.map(ofOrder),
        ...notices.map(ofNotice),
        ...unsent.map(ofMail),
        ...parked().slice(0, MAX_SHOWN).map(ofParked),
      ]
      return { items: longestFirst(items), low_stock }
    },
  }
}
