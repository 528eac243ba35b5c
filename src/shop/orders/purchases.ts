import type { Collection, Page, Position } from '../../storage/storage.ts'
import type { Order } from './schema.ts'

const PAGE = 100
/** Of one customer: who bought it before so many other orders is not told apart from who did not. */
const MAX_ORDERS_LOOKED_AT = 2_000

/** What customers got. */
export function createPurchases({ orders }: { orders: Pick<Collection<Order>, 'list'> }) {
  return {
    /** Whether the product was shipped to the customer, and not all of that order came back. Looks at the newest orders. */
    async hasReceived(user_id: string, product_id: string): Promise<boolean> {
      let after: Position | null = null
      for (let looked = 0; looked < MAX_ORDERS_LOOKED_AT; looked += PAGE) {
        const page: Page<Order> = await orders.list({
          ...{ index: 'by_user', equal: [user_id], order: 'desc', limit: PAGE },
          ...(after && { after }),
        })
        if (page.items.some((order) => reached(order, product_id))) return true
        after = page.next
        if (!after) return false
      }
      return false
    },
  }
}

function reached({ status, lines }: Order, product_id: string): boolean {
  if (status !== 'shipped' && status !== 'delivered') return false
  return lines.some((line) => line.product_id === product_id)
}
