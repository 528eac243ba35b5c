import { moneyMoved, refundedEvent } from './order-event-rules.ts'
import { withOutcome, withTrouble } from './payment-rules.ts'
import type { PaymentObject, PaymentOperation } from './payment-schema.ts'
import type { Order, PaymentStatus } from './schema.ts'
import { type Commit, kept, type Mark, rests } from './step-rules.ts'

export interface Claim {
  give: 'cancel' | 'refund'
  why: string
}

/** What was made so lately may not be in its order yet. */
const SETTLING_MS = 2 * 60 * 1_000

/** What is to be given back of a provider's object; undefined where its order accounts for it, or is still under way. */
export function claimOn(
  object: Pick<PaymentObject, 'id' | 'state' | 'captured' | 'refunded' | 'created_at'>,
  order: Order | undefined,
  now: number,
): Claim | undefined {
  if (now - object.created_at < SETTLING_MS) return undefined
  const kept = object.captured - object.refunded
  const holds = object.state === 'authorised' || object.state === 'needs_action'
  if (!order) return claim(kept, holds, 'a payment belongs to no order')
  if (!rests(order)) return undefined
  if (order.payment?.object_id !== object.id)
    return claim(kept, holds, 'a payment is not the one of its order')
  return isUndone(order) ? claim(kept, holds, 'an order that is over still has a payment') : undefined
}

/** Whether the order is over and keeps no money. */
export function isUndone({ step }: Pick<Order, 'step'>): boolean {
  return step === 'CANCELLED' || step === 'REVERSED'
}

function claim(kept: number, holds: boolean, why: string): Claim | undefined {
  if (kept > 0) return { give: 'refund', why }
  return holds ? { give: 'cancel', why } : undefined
}

/**
 * The order with what was taken and given back at the provider by others than the shop, as by hand on the provider's own pages:
 * its ledger follows the money. Undefined when it tells of all of it, or is still under way.
 */
export function adopted(order: Order, object: PaymentObject, mark: Mark): Commit | undefined {
  const { payment } = order
  if (!payment || payment.object_id !== object.id || !rests(order)) return undefined
  const taken = object.captured - payment.captured
  const given = object.refunded - payment.refunded
  if (taken <= 0 && given <= 0) return undefined
  const moved = withMoved(withMoved(order, 'capture', taken, mark), 'refund', given, mark)
  const document = withTrouble({ ...moved, payment_status: statusOf(moved) }, 'moved_elsewhere', mark)
  const events = given > 0 ? [refundedEvent(document, given, 'provider', mark)] : []
  if (document.payment_status !== order.payment_status)
    events.push(moneyMoved({ before: order, after: document, mark }))
  return { ...kept(document, mark), events }
}

function withMoved(order: Order, kind: 'capture' | 'refund', amount: number, mark: Mark): Order {
  if (amount <= 0) return order
  const payment = order.payment!
  const number = payment.operations.filter((operation) => operation.kind === kind).length + 1
  const operation: PaymentOperation = {
    ...{ id: mark.newPaymentId(), kind, number, state: 'done', amount, at: mark.at, elsewhere: true },
  }
  const sum = kind === 'capture' ? 'captured' : 'refunded'
  const operations = [...payment.operations, operation]
  return { ...order, payment: { ...payment, operations, [sum]: payment[sum] + amount } }
}

/** What the sums of a payment come to. */
export function statusOf({ payment, payment_status }: Order): PaymentStatus {
  const { captured, refunded } = payment!
  if (captured === 0) return payment_status
  if (refunded === 0) return 'paid'
  return refunded >= captured ? 'refunded' : 'partially_refunded'
}

/** The order after a refund that was accepted has failed at the bank: the money is still here, and a human decides. */
export function refundFailed(order: Order, refund: PaymentOperation, mark: Mark): Commit {
  const refunded = order.payment!.refunded - refund.amount
  const failed = withOutcome(order, refund, { state: 'refused', code: 'declined' }, { refunded })
  const document = withTrouble({ ...failed, payment_status: statusOf(failed) }, 'refund_failed', mark)
  return { ...kept(document, mark), events: [moneyMoved({ before: order, after: document, mark })] }
}
