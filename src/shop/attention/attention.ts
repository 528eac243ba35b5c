import type { Analytics } from '../analytics/analytics.ts'
import type { Mails } from '../mails/mails.ts'
import type { Orders } from '../orders/orders.ts'
import type { Users } from '../users/users.ts'
import type { Webhooks } from '../webhooks/webhooks.ts'
import { longestFirst, ofErasure, ofMail, ofNotice, ofOrder, ofParked } from './rules.ts'
import { type AttentionView, MAX_SHOWN, type ParkedSubject } from './schema.ts'

export interface AttentionOptions {
  orders: Pick<Orders, 'troubled'>
  webhooks: Pick<Webhooks, 'strange'>
  mails: Pick<Mails, 'failed'>
  analytics: Pick<Analytics, 'lowStock'>
  erasures: Pick<Users['erasing'], 'waiting'>
  parked(): ParkedSubject[]
}

export type Attention = ReturnType<typeof createAttention>

/** What waits for a human, from wherever it waits. */
export function createAttention({ orders, webhooks, mails, analytics, erasures, parked }: AttentionOptions) {
  return {
    async all(): Promise<AttentionView> {
      const [ofOrders, notices, unsent, leaving, low_stock] = await Promise.all([
        orders.troubled(MAX_SHOWN),
        webhooks.strange(MAX_SHOWN),
        mails.failed(MAX_SHOWN),
        erasures.waiting(MAX_SHOWN),
        analytics.lowStock(),
      ])
      const items = [
        ...ofOrders.map(ofOrder),
        ...notices.map(ofNotice),
        ...unsent.map(ofMail),
        ...leaving.map(ofErasure),
        ...parked().slice(0, MAX_SHOWN).map(ofParked),
      ]
      return { items: longestFirst(items), low_stock }
    },
  }
}
