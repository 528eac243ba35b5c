import { refundsOfReturn } from './payment-rules.ts'
import { refundView } from './refund-view-rules.ts'
import type { ReturnView } from './return-requests-schema.ts'
import { allowedStates } from './return-rules.ts'
import type { OrderReturn } from './return-schema.ts'
import type { Order } from './schema.ts'

/** Every return, oldest first. */
export function returnsOf(order: Order, viewer: { staff: boolean }): ReturnView[] {
  return (order.returns ?? []).map((one) => returnView(order, one, viewer))
}

/** A return as staff see it, or the customer: what staff wrote is for staff. */
export function returnView(order: Order, one: OrderReturn, viewer: { staff: boolean }): ReturnView {
  const [request] = one.history
  const hidden = ({ staff }: { staff?: true }) => staff === true && !viewer.staff
  const refund = refundsOfReturn(order, one.id).at(-1)
  return {
    ...{ id: one.id, order_id: order.id, state: one.state, created_at: request!.at },
    items: one.lines.map(({ product_id, sku, quantity, reason, restocked }) => ({
      ...{ product_id, sku, quantity },
      reason: hidden(request!) ? null : (reason ?? null),
      restocked: restocked ?? null,
      written_off: restocked === undefined ? null : quantity - restocked,
    })),
    note: hidden(request!) ? null : (request!.note ?? null),
    refund: refund ? refundView(order, refund, viewer) : null,
    history: one.history.map((entry) => ({
      ...{ state: entry.state, at: entry.at },
      by: hidden(entry) ? 'staff' : entry.by,
      note: hidden(entry) ? null : (entry.note ?? null),
    })),
    allowed_transitions: [...allowedStates(order, one)],
  }
}
