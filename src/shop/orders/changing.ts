import { isRefusal, Refusal } from '../../kernel/errors.ts'
import { isStaff, type UserPrincipal } from '../../kernel/principal.ts'
import type { Collection } from '../../storage/storage.ts'
import { type Cancel, cancelled, changedByStaff } from './change-rules.ts'
import type { Driver } from './driver.ts'
import type { OrderCancel, OrderChange } from './requests-schema.ts'
import type { Order } from './schema.ts'
import type { Commit, Hand } from './step-rules.ts'

export interface ChangingNeeds {
  orders: Pick<Collection<Order>, 'replace'>
  driver: Driver
  /** The order as this principal may see it; throws `not_found`. */
  visible(principal: UserPrincipal, id: string): Promise<Order>
}

interface Change {
  principal: UserPrincipal
  id: string
  /** From `If-Match`. */
  expected_version?: number
}

type Cancelling = OrderCancel & Pick<OrderChange, 'tracking'>

/** A driver at work on the order, or a colleague, may be first a few times. */
const MAX_ATTEMPTS = 8

/** What people change of orders that are made. */
export function createChanging({ orders, driver, visible }: ChangingNeeds) {
  /** Compares and sets until nobody else was first; with a version of the caller's, once. */
  async function commit(
    { principal, id, expected_version }: Change,
    decide: (order: Order) => Commit | undefined,
  ) {
    for (let attempt = 1; ; attempt++) {
      const order = await visible(principal, id)
      if (expected_version !== undefined && order.version !== expected_version) throw moved()
      const decided = decide(order)
      if (!decided) return order
      try {
        return await orders.replace(decided.document, decided.events)
      } catch (error) {
        if (!isRefusal(error, 'version_moved')) throw error
        if (expected_version !== undefined || attempt === MAX_ATTEMPTS) throw error
      }
    }
  }

  /** Cancels and waits until stock is given back. A repeat of the same `operation` is answered like the first. */
  async function cancel(change: Change & { request: Cancelling; operation: string }): Promise<Order> {
    const { request, operation } = change
    const wish: Cancel = { ...handOf(change.principal, request.note), operation }
    const order = await commit(change, (current) => {
      if (current.cancel_operation === operation) return undefined
      const tracked = request.tracking ? { ...current, tracking: request.tracking } : current
      return cancelled(tracked, wish, driver.mark())
    })
    return driver.advance(order)
  }

  /** Staff move the order along its graph, note something, say where the parcel is. */
  async function change(change: Change & { request: OrderChange; operation: string }): Promise<Order> {
    const { request, principal } = change
    if (request.status === 'cancelled') return cancel(change)
    const hand = handOf(principal, request.note)
    return commit(change, (current) => changedByStaff(current, request, hand, driver.mark()))
  }

  return { cancel, change }
}

function handOf(principal: UserPrincipal, note: string | undefined): Hand {
  return { by: principal.id, ...(isStaff(principal) && { staff: true as const }), ...(note && { note }) }
}

function moved(): Refusal {
  return new Refusal('version_conflict', 'version_moved', 'The order changed since it was read.')
}
