import { Refusal } from '../../kernel/errors.ts'
import { moneyMoved, refundedEvent } from './order-event-rules.ts'
import { openOf, refundable, withIntent, withOutcome } from './payment-rules.ts'
import { CASH_DESK, type PaymentOperation } from './payment-schema.ts'
import { MAX_REFUNDS, type NewRefund } from './refund-schema.ts'
import { refundedReturn, withReturned } from './return-refund-rules.ts'
import type { Order } from './schema.ts'
import type { OrderStep } from './status-schema.ts'
import { type Commit, kept, type Mark, withLease } from './step-rules.ts'

export interface RefundWish extends Pick<NewRefund, 'amount'> {
  by: string
  reason?: string
  /** The return that it is for. */
  return_id?: string
  /** Id of the request: its repeat changes nothing. */
  request: string
}

/** Steps at which staff decide what is given back; of an order that is over it is what did not get back by itself. */
const GIVES_BACK: readonly OrderStep[] = ['COMMITTED', 'CANCELLED', 'REVERSED']

/**
 * The order with a refund that the provider will be asked for; undefined for a repeat. The sum of all refunds is decided here,
 * in the document, so that no number of requests at once gives back more than was taken.
 */
export function withStaffRefund(order: Order, wish: RefundWish, mark: Mark): Commit | undefined {
  const { amount: _, ...asked } = wish
  const { request } = asked
  if (order.payment?.operations.some((operation) => operation.request === request)) return undefined
  if (order.step === 'CONFIRMED' || order.step === 'CAPTURED')
    throw new Refusal('unavailable', 'order_in_motion', 'This order is not at rest yet; try again.', {
      retry_after_seconds: 1,
    })
  const left = GIVES_BACK.includes(order.step) ? refundable(order) : 0
  const amount = wish.amount?.amount ?? left
  assertRefundable(order, wish, left)
  const document = withIntent(order, { kind: 'refund', amount, ...asked }, mark)
  if (document.payment!.provider === CASH_DESK) return givenBack(document, mark)
  return kept(document, mark)
}

function assertRefundable(order: Order, { amount }: RefundWish, left: number): void {
  if (amount && amount.currency !== order.currency)
    throw new Refusal('unprocessable', 'currency_mismatch', `This order is in ${order.currency}.`)
  const asked = amount?.amount ?? left
  if (asked > 0 && asked <= left) {
    const refunds = order.payment!.operations.filter(({ kind }) => kind === 'refund').length
    if (refunds < MAX_REFUNDS) return
    throw new Refusal('conflict', 'too_many_refunds', `An order takes at most ${MAX_REFUNDS} refunds.`)
  }
  const money = { amount: left, currency: order.currency }
  const message =
    left === 0 || asked === 0 ? 'Nothing is left to give back.' : 'That is more than is left to give back.'
  throw new Refusal('conflict', 'not_refundable', message, { extra: { refundable: money } })
}

/** Money that staff gave back by hand is given back. */
function givenBack(order: Order, mark: Mark): Commit {
  const refund = openOf(order, 'refund')!
  const refunded = order.payment!.refunded + refund.amount
  return settledRefund(withOutcome(order, refund, { state: 'done' }, { refunded }), refund, mark)
}

/** The order with a refund of all that is left, which the protocol asks for. */
export function withRest(order: Order, mark: Mark): Commit {
  const document = withIntent(order, { kind: 'refund', amount: refundable(order) }, mark)
  return kept(document, mark)
}

/** The order after a refund of staff came through, with what tells of it; the return that it was for is refunded then. */
export function settledRefund(order: Order, refund: PaymentOperation, mark: Mark): Commit {
  const { captured, refunded } = order.payment!
  const returned = refundedReturn(order, refund, mark)
  const document: Order = {
    ...(returned ? withReturned(order, returned) : order),
    updated_at: mark.at,
    payment_status: refunded >= captured ? 'refunded' : 'partially_refunded',
  }
  return {
    document: withLease(document, mark),
    events: [
      refundedEvent(document, { amount: refund.amount, reason: 'staff', actor: refund.by }, mark),
      moneyMoved({ before: order, after: document, mark, ...(returned && { returned }) }),
    ],
  }
}
