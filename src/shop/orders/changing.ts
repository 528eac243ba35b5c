import { type Cancel, cancelled, changedByStaff } from './change-rules.ts'
import type { Change, CompareAndSet } from './compare-and-set.ts'
import type { Driver } from './driver.ts'
import { handOf } from './hand-rules.ts'
import type { OrderCancel, OrderChange } from './requests-schema.ts'
import type { Order } from './schema.ts'

export interface ChangingNeeds {
  compareAndSet: CompareAndSet
  driver: Driver
}

type Cancelling = OrderCancel & Pick<OrderChange, 'tracking'>

/** What people change of orders that are made. */
export function createChanging({ compareAndSet, driver }: ChangingNeeds) {
  /** Cancels and waits until stock is given back. A repeat of the same `operation` is answered like the first. */
  async function cancel(change: Change & { request: Cancelling; operation: string }): Promise<Order> {
    const { request, operation } = change
    const wish: Cancel = { ...handOf(change.principal, request.note), operation }
    const order = await compareAndSet(change, (current) => {
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
    return compareAndSet(change, (current) => changedByStaff(current, request, hand, driver.mark()))
  }

  return { cancel, change }
}
