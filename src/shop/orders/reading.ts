import { Refusal } from '../../kernel/errors.ts'
import { isId } from '../../kernel/ids.ts'
import { isStaff, type UserPrincipal } from '../../kernel/principal.ts'
import type { Collection, Count, ListQuery, Page, Position } from '../../storage/storage.ts'
import { type OrderFilter, queryOf } from './list-rules.ts'
import type { Order } from './schema.ts'

/** What people see of orders: their own, staff all; nobody one that never got its stock. */
export function createReading({ orders }: { orders: Pick<Collection<Order>, 'get' | 'list' | 'count'> }) {
  return {
    /** Throws `not_found` for a foreign order exactly as for a missing one. */
    async visible(principal: UserPrincipal, id: string): Promise<Order> {
      const order = isId(id, 'ord') ? await orders.get(id) : undefined
      if (!order?.placed_at || (order.user_id !== principal.id && !isStaff(principal))) {
        throw new Refusal('not_found', 'not_found', 'There is no such order.')
      }
      return order
    },
    /** Newest first. */
    list(filter: OrderFilter, page: { after?: Position; limit: number }): Promise<Page<Order>> {
      return orders.list({ ...queryOf(filter), order: 'desc', ...page } satisfies ListQuery)
    },
    count: (filter: OrderFilter): Promise<Count> => orders.count(queryOf(filter)),
  }
}
