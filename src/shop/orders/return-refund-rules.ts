import type { PaymentOperation } from './payment-schema.ts'
import type { OrderReturn } from './return-schema.ts'
import type { Order } from './schema.ts'
import type { Mark } from './step-rules.ts'

/** The return that a refund was for, as it is once the money was given back; undefined for a refund of anything else. */
export function refundedReturn(order: Order, refund: PaymentOperation, mark: Mark): OrderReturn | undefined {
  const found = order.returns?.find(({ id }) => id === refund.return_id)
  if (!found) return undefined
  const { by, reason, request } = refund
  const entry = {
    ...{ state: 'refunded' as const, at: mark.at, by: by!, staff: true as const },
    ...(reason && { note: reason }),
    ...(request && { operation: request }),
  }
  return { ...found, state: 'refunded', history: [...found.history, entry] }
}

/** The return that waits for its money again, because this refund of it has failed; undefined for a refund of anything else. */
export function returnAgain(order: Order, refund: PaymentOperation, { at }: Mark): OrderReturn | undefined {
  const found = order.returns?.find(({ id, state }) => id === refund.return_id && state === 'refunded')
  if (!found) return undefined
  const entry = { state: 'received' as const, at, by: 'system' }
  return { ...found, state: 'received', history: [...found.history, entry] }
}

/** The order with a return as it came to be. */
export function withReturned(order: Order, moved: OrderReturn): Order {
  return { ...order, returns: order.returns!.map((one) => (one.id === moved.id ? moved : one)) }
}
