import type { EventDraft } from '../../kernel/event.ts'
import { moneyMoved, refundedEvent } from './order-event-rules.ts'
import type { PaymentObject, PaymentOperation } from './payment-schema.ts'
import type { Order, PaymentStatus } from './schema.ts'
import { type Commit, kept, type Mark, rests } from './step-rules.ts'
import { withTrouble } from './trouble-rules.ts'

type Sums = Pick<PaymentObject, 'captured' | 'refunded'>

/** What the provider has taken and given back beyond what the order tells of. */
export function beyond({ payment }: Pick<Order, 'payment'>, object: Sums): Sums {
  return {
    captured: Math.max(0, object.captured - (payment?.captured ?? 0)),
    refunded: Math.max(0, object.refunded - (payment?.refunded ?? 0)),
  }
}

/**
 * The order with what was taken and given back at the provider by others than the shop, as by hand on the provider's own pages:
 * its ledger follows the money. `key` is that of a refund which the comparison asked for.
 */
export function withElsewhere(order: Order, object: Sums, mark: Mark, key?: string): Order {
  const { captured, refunded } = beyond(order, object)
  const taken = withMoved(order, 'capture', captured, mark)
  const given = withMoved(taken, 'refund', refunded, mark, key)
  return withTrouble({ ...given, payment_status: statusOf(given) }, 'moved_elsewhere', mark)
}

/** The order at rest with all that its provider tells; undefined when it tells of no more, or the order is still under way. */
export function adopted(
  order: Order,
  object: Pick<PaymentObject, 'id'> & Sums,
  mark: Mark,
  key?: string,
): Commit | undefined {
  if (order.payment?.object_id !== object.id || !rests(order)) return undefined
  const { captured, refunded } = beyond(order, object)
  if (captured === 0 && refunded === 0) return undefined
  const document = withElsewhere(order, object, mark, key)
  return { ...kept(document, mark), events: toldElsewhere(order, document, refunded, mark) }
}

/** What tells of money that others have moved. */
export function toldElsewhere(before: Order, after: Order, refunded: number, mark: Mark): EventDraft[] {
  return [
    ...(refunded > 0 ? [refundedEvent(after, refunded, 'provider', mark)] : []),
    ...(after.payment_status === before.payment_status ? [] : [moneyMoved({ before, after, mark })]),
  ]
}

/**
 * The order at rest whose provider has taken or given back less than the order tells of, for a human; undefined when it has not, or
 * a human was told.
 */
export function missed(
  order: Order,
  object: Pick<PaymentObject, 'id'> & Sums,
  mark: Mark,
): Commit | undefined {
  const { payment, attention } = order
  if (payment?.object_id !== object.id || !rests(order) || attention) return undefined
  if (payment.captured <= object.captured && payment.refunded <= object.refunded) return undefined
  return kept(withTrouble(order, 'payment_mismatch', mark), mark)
}

function withMoved(
  order: Order,
  kind: 'capture' | 'refund',
  amount: number,
  mark: Mark,
  key?: string,
): Order {
  if (amount === 0) return order
  const payment = order.payment!
  const number = payment.operations.filter((operation) => operation.kind === kind).length + 1
  const operation: PaymentOperation = {
    ...{ id: mark.newPaymentId(), kind, number, state: 'done', amount, at: mark.at, elsewhere: true },
    ...(key && { key }),
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
