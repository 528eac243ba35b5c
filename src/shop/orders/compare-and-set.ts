import { isRefusal, Refusal } from '../../kernel/errors.ts'
import { createKeyedQueue } from '../../kernel/keyed-queue.ts'
import type { UserPrincipal } from '../../kernel/principal.ts'
import type { Collection } from '../../storage/storage.ts'
import type { Order } from './schema.ts'
import type { Commit } from './step-rules.ts'

export interface CompareAndSetNeeds {
  orders: Pick<Collection<Order>, 'replace'>
  /** The order as this principal may see it; throws `not_found`. */
  visible(principal: UserPrincipal, id: string): Promise<Order>
}

/** Whose change of which order. */
export interface Change {
  principal: UserPrincipal
  id: string
  /** From `If-Match`. */
  expected_version?: number
}

export type CompareAndSet = ReturnType<typeof createCompareAndSet>

/** A driver at work on the order, or a colleague on another node, may be first a few times. */
const MAX_ATTEMPTS = 8
/** How many changes of one order wait for each other in one process. */
const MAX_WAITING = 1_000

/** What people want of an order is decided in its document, so that any number of wishes at once come to what one after the other would. */
export function createCompareAndSet({ orders, visible }: CompareAndSetNeeds) {
  const inTurn = createKeyedQueue({ max_waiting: MAX_WAITING, full: inMotion })

  /**
   * Compares and sets until nobody else was first; with a version of the caller's, once. `decide` may be asked again; undefined
   * says that there is nothing to write. Throws `not_found`, `version_moved`, `order_in_motion` and what `decide` throws.
   */
  return function compareAndSet(
    { principal, id, expected_version }: Change,
    decide: (order: Order) => Commit | undefined,
  ): Promise<Order> {
    return inTurn(id, async () => {
      for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
        const order = await visible(principal, id)
        if (expected_version !== undefined && order.version !== expected_version) throw moved()
        const commit = decide(order)
        if (!commit) return order
        try {
          return await orders.replace(commit.document, commit.events)
        } catch (error) {
          if (!isRefusal(error, 'version_moved') || expected_version !== undefined) throw error
        }
      }
      throw inMotion()
    })
  }
}

function moved(): Refusal {
  return new Refusal('version_conflict', 'version_moved', 'The order changed since it was read.')
}

function inMotion(): Refusal {
  const message = 'This order is being changed by many at once; try again.'
  return new Refusal('unavailable', 'order_in_motion', message, { retry_after_seconds: 1 })
}
