import type { EventDraft } from '../../kernel/event.ts'
import { moneyMoved, refundedEvent } from './order-event-rules.ts'
import { refundable, statusOf } from './payment-rules.ts'
import type { PaymentObject, PaymentOperation } from './payment-schema.ts'
import type { Order } from './schema.ts'
import { type Commit, isOver, kept, type Mark, rests } from './step-rules.ts'
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
  if (captured === 0 && refunded === 0) return order
  const taken = withMoved(order, 'capture', captured, mark)
  const given = withMoved(taken, 'refund', refunded, mark, key)
  return withTrouble(
    { ...withoutFailedRefund(given), payment_status: statusOf(given) },
    'moved_elsewhere',
    mark,
  )
}

/** Nothing is left of which staff would have to decide. */
function withoutFailedRefund(order: Order): Order {
  const { attention, ...rest } = order
  return attention?.why === 'refund_failed' && refundable(order) === 0 ? rest : order
}

/** What a comparison has seen of an object; `key` is that of a refund which it asked for before. */
export type Seen = Pick<PaymentObject, 'id'> & Sums & { key?: string }

/** The order with all that its provider tells, one sight after the other; undefined when that is no more than it tells itself. */
export function adopted(order: Order, sights: readonly Seen[], mark: Mark): Commit | undefined {
  if (!isComparable(order, sights[0]!)) return undefined
  const document = sights.reduce((after, seen) => withElsewhere(after, seen, mark, seen.key), order)
  if (document === order) return undefined
  const refunded = document.payment!.refunded - order.payment!.refunded
  return { ...kept(document, mark), events: toldElsewhere(order, document, refunded, mark) }
}

/** Whether the order is at rest and past the point up to which it finds out by itself what became of its payment. */
function isComparable(order: Order, { id }: Pick<PaymentObject, 'id'>): boolean {
  return order.payment?.object_id === id && rests(order) && isOver(order)
}

/** What tells of money that others have moved. */
export function toldElsewhere(before: Order, after: Order, refunded: number, mark: Mark): EventDraft[] {
  return [
    ...(refunded > 0 ? [refundedEvent(after, { amount: refunded, reason: 'provider' }, mark)] : []),
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
  if (!isComparable(order, object) || (attention && attention.why !== 'moved_elsewhere')) return undefined
  if (payment!.captured <= object.captured && payment!.refunded <= object.refunded) return undefined
  return kept(withTrouble(order, 'payment_mismatch', mark), mark)
}

/**
 * The order that is over, with what is taken and will not be given back: the refund that the comparison asked for was refused, and
 * staff decide from now on. Undefined when it says so.
 */
export function settleRefused(
  order: Order,
  object: PaymentObject,
  { key, code }: { key: string; code: string },
  mark: Mark,
): Commit | undefined {
  const known = order.payment?.operations.some((operation) => operation.key === key)
  if (known || !isComparable(order, object)) return undefined
  const taken = withElsewhere(order, object, mark)
  const amount = object.captured - object.refunded
  const refused: PaymentOperation = {
    ...{ id: mark.newPaymentId(), kind: 'refund', number: numberOf(taken, 'refund'), amount, at: mark.at },
    ...{ state: 'refused', code, elsewhere: true, key },
  }
  const payment = { ...taken.payment!, operations: [...taken.payment!.operations, refused] }
  const document = withTrouble({ ...taken, payment }, 'refund_failed', mark, refused)
  const refunded = document.payment!.refunded - order.payment!.refunded
  return { ...kept(document, mark), events: toldElsewhere(order, document, refunded, mark) }
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
  const number = numberOf(order, kind)
  const operation: PaymentOperation = {
    ...{ id: mark.newPaymentId(), kind, number, state: 'done', amount, at: mark.at, elsewhere: true },
    ...(key && { key }),
  }
  const sum = kind === 'capture' ? 'captured' : 'refunded'
  const operations = [...payment.operations, operation]
  return { ...order, payment: { ...payment, operations, [sum]: payment[sum] + amount } }
}

function numberOf({ payment }: Order, kind: 'capture' | 'refund'): number {
  return payment!.operations.filter((operation) => operation.kind === kind).length + 1
}
