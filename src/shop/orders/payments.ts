import { Refusal } from '../../kernel/errors.ts'
import { isStaff, type UserPrincipal } from '../../kernel/principal.ts'
import type { Answering } from './answering.ts'
import { begun } from './attempt-rules.ts'
import type { Breaker } from './breaker.ts'
import { withCash } from './cash-rules.ts'
import type { CompareAndSet } from './compare-and-set.ts'
import type { Driver } from './driver.ts'
import { askedOf, isOpen, lastOf } from './payment-rules.ts'
import type { NewPayment, PaymentOperation, PaymentView } from './payment-schema.ts'
import { paymentView } from './payment-view-rules.ts'
import { withStaffRefund } from './refund-rules.ts'
import type { NewRefund, RefundView } from './refund-schema.ts'
import { refundView } from './refund-view-rules.ts'
import type { Order } from './schema.ts'
import { isOver } from './step-rules.ts'

export interface PaymentsNeeds {
  compareAndSet: CompareAndSet
  driver: Driver
  answering: Pick<Answering, 'goOn'>
  breaker: Pick<Breaker, 'assertClosed'>
  /** The order as this principal may see it; throws `not_found`. */
  visible(principal: UserPrincipal, id: string): Promise<Order>
}

export interface RefundRequest extends Omit<PayRequest, 'request'> {
  request: NewRefund
}

export interface PayRequest {
  principal: UserPrincipal
  id: string
  request: NewPayment
  /** Stable over all repeats of the request. */
  operation: string
}

/** What customers do to pay their orders by card. */
export function createPayments({ compareAndSet, driver, answering, breaker, visible }: PaymentsNeeds) {
  /**
   * Pays the order, or looks how its payment stands. Resolves when the provider has answered, or is not heard of: then the payment
   * is `processing`. Throws `payment_declined` when it was refused, and `conflict` when there is nothing to pay.
   */
  async function pay({ principal, id, request, operation }: PayRequest): Promise<PaymentView> {
    const wish = { ...request, request: operation }
    const order = await compareAndSet({ principal, id }, (current) => {
      const commit = begun(current, wish, driver.mark())
      if (commit) breaker.assertClosed()
      return commit
    })
    const reached = await driver.advance(order, { until: isAnswered })
    answering.goOn(reached)
    const attempt = attemptOf(reached, operation)
    const view = paymentView(reached, attempt)
    if (attempt.state !== 'refused') return view
    throw new Refusal(
      'unprocessable',
      'payment_declined',
      'The payment was refused; another way to pay may work.',
      {
        extra: { payment: view },
      },
    )
  }

  /** For staff: gives money back; resolves when the provider has answered, or is not heard of. Throws `not_refundable`. */
  async function refund({ principal, id, request, operation }: RefundRequest): Promise<RefundView> {
    const seen = await visible(principal, id)
    if (!isStaff(principal)) throw new Refusal('forbidden', 'forbidden', 'Your role does not allow this.')
    // What was just paid is sold first.
    if (!isOver(seen)) await driver.advance(seen)
    const wish = { ...request, by: principal.id, request: operation }
    const order = await compareAndSet({ principal, id }, (current) =>
      withStaffRefund(current, wish, driver.mark()),
    )
    const own = (at: Order) => at.payment!.operations.find((one) => one.request === operation)!
    const reached = await driver.advance(order, { until: (at) => !isOpen(own(at)) })
    answering.goOn(reached)
    return refundView(reached, own(reached), { staff: true })
  }

  /** Records the money that staff got for an order by cash. Throws `not_payable`. */
  function cash({ principal, id, operation }: Omit<RefundRequest, 'request'>): Promise<Order> {
    const wish = { by: principal.id, request: operation }
    return compareAndSet({ principal, id }, (current) => withCash(current, wish, driver.mark()))
  }

  return {
    pay,
    refund,
    cash,
    /** Throws `not_found`, also for a payment of another order. */
    async get(principal: UserPrincipal, id: string, payment_id: string): Promise<PaymentView> {
      const order = await visible(principal, id)
      const payment = order.payment?.operations.find(
        (operation) => operation.id === payment_id && operation.kind === 'authorise',
      )
      if (payment) return paymentView(order, payment)
      throw new Refusal('not_found', 'not_found', 'There is no such payment of this order.')
    },
  }
}

/** Whether the customer can be told: the money is taken, refused or asked for. */
function isAnswered({ step }: Order): boolean {
  return step !== 'RESERVED' && step !== 'AUTHORIZING' && step !== 'CONFIRMED'
}

/** The try that this request began, else the one that succeeded, or waits for the browser, or the newest. */
function attemptOf(order: Order, request: string): PaymentOperation {
  const { operations } = order.payment!
  const own = operations.find((operation) => operation.request === request)
  const done = operations.find(({ kind, state }) => kind === 'authorise' && state === 'done')
  return own ?? done ?? askedOf(order) ?? lastOf(order, 'authorise')!
}
