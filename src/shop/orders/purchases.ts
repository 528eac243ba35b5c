import { pagesOf } from '../../storage/list-all.ts'
import type { Collection } from '../../storage/storage.ts'
import type { Order } from './schema.ts'

const PAGE = 100
/** Of one customer: who bought it before so many other orders is not told apart from who did not. */
const MAX_ORDERS_LOOKED_AT = 2_000

/** What customers got. */
export function createPurchases({ orders }: { orders: Pick<Collection<Order>, 'list'> }) {
  return {
    /** Whether the product was shipped to the customer, and not all of that order came back. Looks at the newest orders. */
    async hasReceived(user_id: string, product_id: string): Promise<boolean> {
      const query = { index: 'by_user', equal: [user_id], order: 'desc', limit: PAGE } as const
      let looked = 0
      for await (const page of pagesOf(orders, query)) {
        if (page.some((order) => reached(order, product_id))) return true
        looked += page.length
        if (looked >= MAX_ORDERS_LOOKED_AT) return false
      }
      return false
    },
  }
}

function reached({ status, lines }: Order, product_id: string): boolean {
  if (status !== 'shipped' && status !== 'delivered') return false
  return lines.some((line) => line.product_id === product_id)
}
