import type { EventDraft } from '../../kernel/event.ts'
import {
  OrderCancelled,
  OrderCreated,
  OrderReturned,
  OrderUpdated,
  PaymentFailed,
  PaymentRefunded,
  PaymentRefundFailed,
  PaymentSuccess,
} from './events-schema.ts'
import type { OrderReturn } from './return-schema.ts'
import type { Order } from './schema.ts'
import type { Mark } from './step-rules.ts'

/** What a step that an order has arrived at tells of it. */
export function eventsOf(before: Order, after: Order, mark: Mark, actor: string): EventDraft[] {
  if (after.step === 'RESERVED' && after.payment_method === 'card') return [createdEvent(after, mark, actor)]
  if (after.step === 'CONFIRMED' && after.payment_method === 'card') {
    const changed = ['status', 'payment_status']
    return [changeEvent({ before, after, mark, actor, changed }), paidEvent(after, actor, mark)]
  }
  if (after.step === 'CAPTURED') return [moneyMoved({ before, after, mark })]
  if (after.step === 'CONFIRMED') return [createdEvent(after, mark, actor)]
  // What never was RESERVED tells no one.
  if (after.status !== 'cancelled' || before.status === 'cancelled' || !after.placed_at) return []
  const told = (after.sequences?.[OrderCreated.topic] ?? 0) > 0
  const cancelled = changeEvent({ before, after, mark, actor, changed: ['status'] })
  if (!told) return [createdEvent(before, mark, before.user_id), cancelled]
  return [cancelled, ...refundEvents(after, mark)]
}

/** Tells of an order that is new to the log. */
export function createdEvent(order: Order, mark: EventMark, actor: string): EventDraft {
  const money = (amount: number) => ({ amount, currency: order.currency })
  return OrderCreated.draft({
    ...envelope(order, mark, actor),
    data: {
      ...stateOf(order),
      payment_method: order.payment_method,
      subtotal: money(order.subtotal),
      shipping: money(order.shipping),
      tax: money(order.tax),
      tax_included: money(order.tax_included ?? 0),
      discount: money(order.discount),
      country: order.shipping_address?.country ?? '',
      item_count: order.lines.reduce((sum, { quantity }) => sum + quantity, 0),
      lines: order.lines.map(({ name: _, options: __, ...line }) => line),
      ...(order.external_id && { imported: true }),
      ...(order.session_id && { session_id: order.session_id }),
      ...(order.anonymous_id && { anonymous_id: order.anonymous_id }),
    },
  })
}

/** Tells of money that the protocol gave back. */
function refundEvents({ cancel_reason, ...after }: Order, mark: Mark): EventDraft[] {
  const refunds = after.payment?.operations.filter(
    ({ kind, state, request, elsewhere }) =>
      kind === 'refund' && state === 'done' && request === undefined && !elsewhere,
  )
  return (refunds ?? []).map(({ amount }) =>
    refundedEvent(after, { amount, reason: cancel_reason ?? 'staff' }, mark),
  )
}

/** Tells of an order whose payment status is another one. */
export function moneyMoved({
  before,
  after,
  mark,
  returned,
}: Pick<ChangeToTell, 'before' | 'after' | 'mark' | 'returned'>): EventDraft {
  const changed = returned ? ['payment_status', 'returns'] : ['payment_status']
  return changeEvent({ before, after, mark, actor: 'system', changed, ...(returned && { returned }) })
}

/** Tells of a card that was refused. */
export function refusedPayment(order: Order, code: string, mark: Mark): EventDraft {
  return PaymentFailed.draft({
    ...envelope(order, mark, order.user_id),
    data: { ...paymentData(order, order.total), code },
  })
}

/** Tells of money that is held, or was taken by hand. */
export function paidEvent(order: Order, actor: string, mark: Mark): EventDraft {
  return PaymentSuccess.draft({ ...envelope(order, mark, actor), data: paymentData(order, order.total) })
}

/** Tells of money that was given back. */
export function refundedEvent(
  order: Order,
  { amount, reason, actor = 'system' }: { amount: number; reason: string; actor?: string | undefined },
  mark: Mark,
): EventDraft {
  const data = { ...paymentData(order, amount), reason }
  return PaymentRefunded.draft({ ...envelope(order, mark, actor), data })
}

/** Tells that money which was told as given back is still here. */
export function refundFailedEvent(order: Order, amount: number, mark: Mark): EventDraft {
  return PaymentRefundFailed.draft({ ...envelope(order, mark, 'system'), data: paymentData(order, amount) })
}

function paymentData(order: Order, amount: number) {
  const { id, user_id, currency, payment } = order
  const method = order.payment_method
  return { order_id: id, user_id, provider: payment!.provider, method, amount: { amount, currency } }
}

/** Tells of an order that was told before. */
export function changeEvent({ before, after, mark, actor, changed, returned }: ChangeToTell): EventDraft {
  const input = { ...envelope(after, mark, actor) }
  const data = { ...stateOf(after), status_before: before.status, changed }
  const told = { ...data, ...(returned && { return: { id: returned.id, state: returned.state } }) }
  if (before.status === after.status) return OrderUpdated.draft({ ...input, data: told })
  if (after.status === 'cancelled') {
    return OrderCancelled.draft({ ...input, data: { ...data, reason: after.cancel_reason ?? 'staff' } })
  }
  if (after.status === 'returned') return OrderReturned.draft({ ...input, data: told })
  return OrderUpdated.draft({ ...input, data: told })
}

interface ChangeToTell {
  before: Order
  after: Order
  mark: Mark
  actor: string
  changed: string[]
  /** The return that the change is about. */
  returned?: Pick<OrderReturn, 'id' | 'state'>
}

type EventMark = Pick<Mark, 'now' | 'newEventId'>

function envelope(order: Order, mark: EventMark, actor: string) {
  return { id: mark.newEventId(), subject: `orders/${order.id}`, key: order.id, at: mark.now, actor }
}

function stateOf(order: Order) {
  const { id, user_id, created_at, status, payment_status, total, currency } = order
  return { order_id: id, user_id, created_at, status, payment_status, total: { amount: total, currency } }
}
