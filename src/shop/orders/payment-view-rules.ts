import type { LedgerEntry, PaymentOperation, PaymentView } from './payment-schema.ts'
import type { Order } from './schema.ts'

const STATES = {
  intent: 'processing',
  unknown: 'processing',
  needs_action: 'requires_action',
  refused: 'failed',
} as const

/** Every try to pay, oldest first. */
export function paymentsOf(order: Order): PaymentView[] {
  const tries = order.payment?.operations.filter(({ kind }) => kind === 'authorise') ?? []
  return tries.map((operation) => paymentView(order, operation))
}

/** What was taken and given back; it adds up to what the shop has. */
export function ledgerOf({ payment, currency }: Pick<Order, 'payment' | 'currency'>): LedgerEntry[] {
  return (payment?.operations ?? []).flatMap(({ kind, state, amount, at }) => {
    if (state !== 'done' || (kind !== 'capture' && kind !== 'refund')) return []
    return { kind, amount: { amount: kind === 'capture' ? amount : -amount, currency }, at }
  })
}

/** An authorisation as the customer sees it: it succeeded when its money is taken, as the order says of itself. */
export function paymentView(order: Order, operation: PaymentOperation): PaymentView {
  return {
    id: operation.id,
    order_id: order.id,
    state: operation.state === 'done' ? stateOfHeld(order) : STATES[operation.state],
    amount: { amount: operation.amount, currency: order.currency },
    created_at: operation.at,
    code: operation.code ?? null,
    action: operation.state === 'needs_action' ? (operation.action ?? null) : null,
  }
}

/** What became of money that was held: until it is taken the order, too, says that it is being paid. */
function stateOfHeld({ payment, payment_status }: Order): PaymentView['state'] {
  if (payment!.captured > 0) return 'succeeded'
  return payment_status === 'failed' ? 'failed' : 'processing'
}
