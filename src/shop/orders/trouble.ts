import type { Clock } from '../../kernel/clock.ts'
import type { Collection } from '../../storage/storage.ts'
import type { Order, TroubledOrder } from './schema.ts'
import { troubleOf } from './trouble-rules.ts'

/** What is half-way now is mostly not for long. */
const LOOKED_AT = 500

/** Orders that a human should look at: marked ones, and those that have been half-way for too long. */
export function createTrouble({ orders, clock }: { orders: Pick<Collection<Order>, 'list'>; clock: Clock }) {
  return {
    /** At most `limit` of each sort. */
    async troubled(limit: number): Promise<TroubledOrder[]> {
      const [marked, halfway] = await Promise.all([
        orders.list({ index: 'attention', limit }),
        orders.list({ index: 'unsettled', limit: LOOKED_AT }),
      ])
      const waiting = halfway.items.filter(({ attention }) => attention === undefined)
      const found = [...marked.items, ...waiting].map((order) => troubleOf(order, clock.now()))
      return found.filter((one) => one !== undefined).slice(0, 2 * limit)
    },
  }
}
