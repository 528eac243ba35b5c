import type { PaymentOperation, PaymentWork } from './payment-schema.ts'
import { LONGEST_WAIT_MS, type Order, type PaymentStatus } from './schema.ts'
import type { Mark } from './step-rules.ts'

/** The last operation of a kind, undefined when there was none. */
export function lastOf({ payment }: Pick<Order, 'payment'>, kind: PaymentWork): PaymentOperation | undefined {
  return payment?.operations.findLast((operation) => operation.kind === kind)
}

/** The operation that the provider is to be asked for: the first of several refunds. */
export function openOf({ payment }: Pick<Order, 'payment'>, kind: PaymentWork): PaymentOperation | undefined {
  return payment?.operations.find((operation) => operation.kind === kind && isOpen(operation))
}

/** Whether the provider was not asked yet, or was not heard of. */
export function isOpen({ state }: Pick<PaymentOperation, 'state'>): boolean {
  return state === 'intent' || state === 'unknown'
}

/** The refunds that were tried for a return, oldest first. */
export function refundsOfReturn({ payment }: Pick<Order, 'payment'>, return_id: string): PaymentOperation[] {
  return payment?.operations.filter((operation) => operation.return_id === return_id) ?? []
}

/** What was taken and is neither given back nor on its way. */
export function refundable({ payment }: Pick<Order, 'payment'>): number {
  if (!payment) return 0
  const refunds = payment.operations.filter(({ kind, state }) => kind === 'refund' && state !== 'refused')
  return refunds.reduce((left, { amount }) => left - amount, payment.captured)
}

/** Whether nobody but the customer can bring the order on: no payment was begun, or it was refused, or it asks for something. */
export function awaitsCustomer(order: Pick<Order, 'step' | 'payment_method' | 'payment'>): boolean {
  if (order.payment_method !== 'card') return false
  if (order.step === 'RESERVED') return openOf(order, 'create') === undefined
  return order.step === 'AUTHORIZING' && openOf(order, 'authorise') === undefined && !isHeld(order)
}

/** Whether the money is held: then the order goes on by itself. */
function isHeld(order: Pick<Order, 'payment'>): boolean {
  return (
    order.payment?.operations.some(({ kind, state }) => kind === 'authorise' && state === 'done') ?? false
  )
}

/**
 * The try that waits for the browser: the customer may have done what was asked and never come back, so it is looked at again
 * and again.
 */
export function askedOf(order: Pick<Order, 'step' | 'payment'>): PaymentOperation | undefined {
  if (order.step !== 'AUTHORIZING') return undefined
  return order.payment?.operations.find(({ state }) => state === 'needs_action')
}

/** The order without tries of which nothing can come any more: another one succeeded, or the object is cancelled. */
export function withoutOpenTries(order: Order): Order {
  if (!order.payment) return order
  const operations = order.payment.operations.map((operation) =>
    operation.state === 'done' || operation.state === 'refused' || operation.kind === 'refund'
      ? operation
      : { ...operation, state: 'refused' as const, code: 'cancelled' },
  )
  return { ...order, payment: { ...order.payment, operations } }
}

/** Whether an operation is not to be tried again yet. */
export function isPaused({ payment }: Pick<Order, 'payment'>, now: number): boolean {
  const retry_at = payment?.retry_at ?? 0
  return retry_at > now && retry_at <= now + LONGEST_WAIT_MS
}

/** What the sums of a payment come to. */
export function statusOf({ payment, payment_status }: Order): PaymentStatus {
  const { captured, refunded } = payment!
  if (captured === 0) return payment_status
  if (refunded === 0) return 'paid'
  return refunded >= captured ? 'refunded' : 'partially_refunded'
}

/** What goes back by the protocol and was refused is asked for anew under another number, later each time; then staff decide. */
const MAX_REFUSED_REFUNDS = 5
const FIRST_PAUSE_MS = 60_000

/** Whether an order that is being undone still has money to give back, and asks for that itself. */
export function givesBack(order: Pick<Order, 'step' | 'payment'>): boolean {
  return order.step === 'REVERSING' && refundable(order) > 0 && refusedRefunds(order) < MAX_REFUSED_REFUNDS
}

function refusedRefunds({ payment }: Pick<Order, 'payment'>): number {
  const refused = payment?.operations.filter(
    ({ kind, state, request }) => kind === 'refund' && state === 'refused' && request === undefined,
  )
  return refused?.length ?? 0
}

/** Whether it waits before it asks again, from when the last one was asked. A clock that was put back makes nothing wait. */
export function waitsAfterNo(order: Pick<Order, 'step' | 'payment'>, now: number): boolean {
  if (!givesBack(order) || openOf(order, 'refund')) return false
  const last = lastOf(order, 'refund')
  if (last?.state !== 'refused' || last.request !== undefined) return false
  const waited = now - Date.parse(last.at)
  return waited >= 0 && waited < FIRST_PAUSE_MS * 2 ** (refusedRefunds(order) - 1)
}

/** The key of an operation at the provider, for ever. */
export function keyOf({ id }: Pick<Order, 'id'>, { kind, number }: PaymentOperation): string {
  return `${id}:${kind}:${number}`
}

/** The order with the intent of an operation: stored before the provider is asked. */
export function withIntent(
  order: Order,
  intent: Pick<PaymentOperation, 'kind' | 'amount' | 'method' | 'request' | 'reason' | 'by' | 'return_id'>,
  mark: Mark,
): Order {
  const payment = order.payment!
  const number = payment.operations.filter(({ kind }) => kind === intent.kind).length + 1
  const operation: PaymentOperation = {
    id: mark.newPaymentId(),
    number,
    state: 'intent',
    at: mark.at,
    ...intent,
  }
  const { retry_at: _, ...rest } = payment
  return { ...order, payment: { ...rest, operations: [...payment.operations, operation] } }
}

/** The order with a try to pay; the first one also makes the provider's object. */
export function withAttempt(order: Order, attempt: { method: string; request: string }, mark: Mark): Order {
  const amount = order.total
  const made = lastOf(order, 'create')?.state === 'done'
  const begun = made ? order : withIntent(order, { kind: 'create', amount }, mark)
  const tried = withIntent(begun, { kind: 'authorise', amount, ...attempt }, mark)
  return { ...tried, payment_status: 'processing' }
}

/** The order with what became of an operation. */
export function withOutcome(
  order: Order,
  operation: PaymentOperation,
  change: Partial<PaymentOperation>,
  payment: Partial<Order['payment']> = {},
): Order {
  const { retry_at: _, ...rest } = order.payment!
  const operations = rest.operations.map((one) => (one.id === operation.id ? { ...one, ...change } : one))
  return { ...order, payment: { ...rest, ...payment, operations } }
}
