import { isRefusal, Refusal } from '../../kernel/errors.ts'
import type { Logger } from '../../kernel/logger.ts'
import type { UserPrincipal } from '../../kernel/principal.ts'
import type { Collection } from '../../storage/storage.ts'
import { superseded } from './change-rules.ts'
import type { Driver } from './driver.ts'
import type { Order } from './schema.ts'

export interface HoldsNeeds {
  orders: Pick<Collection<Order>, 'list' | 'replace'>
  driver: Driver
  logger: Pick<Logger, 'warn'>
  /** Unpaid orders by card that one customer may hold. */
  max_unpaid: number
}

export type Holds = ReturnType<typeof createHolds>

/** Far above what a customer may hold where there is a bound. */
const LOOKED_AT = 100

/** What a customer holds unpaid. */
export function createHolds({ orders, driver, logger, max_unpaid }: HoldsNeeds) {
  return {
    async of(user: Pick<UserPrincipal, 'id'>): Promise<Order[]> {
      return (await orders.list({ index: 'held', equal: [user.id], limit: LOOKED_AT })).items
    },
    /** Throws `too_many_unpaid`. The bound is best effort: of several requests at once more may pass. */
    assertRoom(unpaid: readonly Order[]): void {
      if (unpaid.length < max_unpaid) return
      // Not kept under the key: it passes when one of them is paid, and by itself when the first is held no longer.
      const expiries = unpaid.map(({ expires_at }) => Date.parse(expires_at!))
      const left_ms = Math.min(...expiries) - driver.mark().now
      throw new Refusal(
        'too_many',
        'too_many_unpaid',
        `There are ${unpaid.length} orders that wait for your payment; pay or cancel one of them first.`,
        { retry_after_seconds: Math.max(1, Math.ceil(left_ms / 1_000)) },
      )
    },
    /** Cancels them, so that their stock is there for the order that takes their place; what is paid meanwhile stays. */
    async giveBack(replaced: readonly Order[]): Promise<void> {
      for (const order of replaced) {
        const { document, events } = superseded(order, driver.mark())
        try {
          await driver.advance(await orders.replace(document, events))
        } catch (error) {
          if (isRefusal(error, 'version_moved')) continue
          if (!isRefusal(error)) throw error
          logger.warn({ err: error, order_id: order.id }, 'a superseded order is left to recovery')
        }
      }
    },
  }
}
