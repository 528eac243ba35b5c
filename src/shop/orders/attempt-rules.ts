import { Refusal } from '../../kernel/errors.ts'
import { isCardNumber } from './card-number-rules.ts'
import { askedOf, lastOf, openOf, withAttempt, withOutcome } from './payment-rules.ts'
import { MAX_ATTEMPTS_TO_PAY, type NewPayment } from './payment-schema.ts'
import type { Order } from './schema.ts'
import { type Commit, kept, type Mark } from './step-rules.ts'

/**
 * The order with a new try to pay, or with another look at the one that waits for the browser; undefined when there is nothing
 * to write, because the request is a repeat or the provider is being asked. Throws `conflict` when there is nothing to pay.
 */
export function begun(
  order: Order,
  { method, request }: NewPayment & { request: string },
  mark: Mark,
): Commit | undefined {
  if (method !== undefined && isCardNumber(method)) throw cardNumber()
  if (order.payment?.operations.some((operation) => operation.request === request)) return undefined
  const last = lastOf(order, 'authorise')
  if (method === undefined && last) return lookedAgain(order, mark)
  assertPayable(order)
  if (method === undefined)
    throw new Refusal('unprocessable', 'method_required', 'Name what is paid with; no payment is under way.')
  if (openOf(order, 'authorise'))
    throw new Refusal('conflict', 'payment_in_progress', 'A payment of this order is under way.', {
      retry_after_seconds: 1,
    })
  if ((last?.number ?? 0) >= MAX_ATTEMPTS_TO_PAY)
    throw new Refusal(
      'conflict',
      'too_many_attempts',
      'This order was tried to be paid too often; order anew.',
    )
  return kept(withAttempt(order, { method, request }, mark), mark)
}

/** It is neither kept nor sent on. */
function cardNumber(): Refusal {
  return new Refusal(
    'unprocessable',
    'card_number',
    "This is a card's number, which the shop must never see; send what the provider's form gives for it.",
  )
}

function assertPayable(order: Order): void {
  const waits = order.step === 'RESERVED' || order.step === 'AUTHORIZING'
  if (order.payment_method === 'card' && waits) return
  const why =
    order.payment_method === 'card'
      ? `An order that is ${order.status} and ${order.payment_status} takes no payment.`
      : 'This order is paid in cash on delivery.'
  throw new Refusal('conflict', 'not_payable', why, {
    extra: { order_status: order.status, payment_status: order.payment_status },
  })
}

/** A payment that waits for the browser is asked for again, under its key. */
function lookedAgain(order: Order, mark: Mark): Commit | undefined {
  const asked = askedOf(order)
  return asked && kept(withOutcome(order, asked, { state: 'intent' }), mark)
}
