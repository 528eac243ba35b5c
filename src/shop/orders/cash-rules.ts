import { Refusal } from '../../kernel/errors.ts'
import { moneyMoved, paidEvent } from './order-event-rules.ts'
import { openOf, withIntent, withOutcome } from './payment-rules.ts'
import { CASH_DESK } from './payment-schema.ts'
import type { Order } from './schema.ts'
import type { Commit, Mark } from './step-rules.ts'

/** The order with the money that staff got for it; undefined for a repeat. */
export function withCash(
  order: Order,
  { by, request }: { by: string; request: string },
  mark: Mark,
): Commit | undefined {
  if (order.payment?.operations.some((operation) => operation.request === request)) return undefined
  assertCash(order)
  const amount = order.total
  const empty = { provider: CASH_DESK, operations: [], captured: amount, refunded: 0 }
  const intended = withIntent({ ...order, payment: empty }, { kind: 'capture', amount, by, request }, mark)
  const taken = withOutcome(intended, openOf(intended, 'capture')!, { state: 'done' })
  const document: Order = { ...taken, updated_at: mark.at, payment_status: 'paid' }
  return {
    document,
    events: [paidEvent(document, by, mark), moneyMoved({ before: order, after: document, mark })],
  }
}

function assertCash(order: Order): void {
  const handed = ['shipped', 'delivered', 'returned'].includes(order.status)
  if (order.payment_method === 'cash_on_delivery' && !order.payment && handed) return
  const why =
    order.payment_method !== 'cash_on_delivery'
      ? 'This order is paid by card.'
      : order.payment
        ? 'The money of this order is recorded.'
        : 'The money is recorded when the order is on its way or delivered.'
  throw new Refusal('conflict', 'not_payable', why, {
    extra: { order_status: order.status, payment_status: order.payment_status },
  })
}
