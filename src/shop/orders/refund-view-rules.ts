import type { PaymentOperation } from './payment-schema.ts'
import type { RefundView } from './refund-schema.ts'
import type { Order } from './schema.ts'

/** Every refund, oldest first; why it was made is for staff. */
export function refundsOf(order: Order, { staff }: { staff: boolean }): RefundView[] {
  const refunds = order.payment?.operations.filter(({ kind }) => kind === 'refund') ?? []
  return refunds.map((refund) => refundView(order, refund, { staff }))
}

/** A refund as staff see it, or the customer. */
export function refundView(
  order: Order,
  refund: PaymentOperation,
  { staff }: { staff: boolean },
): RefundView {
  const { id, state, amount, at, reason, code } = refund
  return {
    ...{ id, order_id: order.id, created_at: at, amount: { amount, currency: order.currency } },
    state: state === 'done' ? 'succeeded' : state === 'refused' ? 'failed' : 'processing',
    reason: staff ? (reason ?? null) : null,
    code: code ?? null,
  }
}
