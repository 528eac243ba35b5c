import { beyond, toldElsewhere, withElsewhere } from './elsewhere-rules.ts'
import { moneyMoved, refundFailedEvent } from './order-event-rules.ts'
import { statusOf, withOutcome } from './payment-rules.ts'
import type { PaymentObject, PaymentOperation } from './payment-schema.ts'
import { returnAgain, withReturned } from './return-refund-rules.ts'
import type { Order } from './schema.ts'
import { type Commit, kept, type Mark, moveTo } from './step-rules.ts'
import { stepRule } from './steps.ts'
import { withTrouble } from './trouble-rules.ts'

/** What a provider's no comes to: the order goes on, stays as it was written, or (undefined) is asked again and again. */
export type AfterNo = { go: Order } | { stay: Commit } | undefined

export interface No {
  operation: PaymentOperation
  code: string
  /** As it stands at the provider. */
  object: PaymentObject | undefined
}

/**
 * The order after a no to what has to succeed in the end: somebody has moved the money, or let go of it, on the provider's own
 * pages, and the object shows how. What nobody can know is left to a human.
 */
export function afterNo(order: Order, { operation, code, object }: No, mark: Mark): AfterNo {
  switch (operation.kind) {
    case 'cancel':
      // The order goes on to its end; what was taken goes back when both are compared.
      return object?.state === 'captured'
        ? { go: withElsewhere(withOutcome(order, operation, { state: 'refused', code }), object, mark) }
        : undefined
    case 'capture':
      return afterNoToCapture(order, { operation, code, object }, mark)
    case 'refund':
      return { stay: refundRefused(order, { operation, code, object }, mark) }
    default:
      return undefined
  }
}

function afterNoToCapture(order: Order, { operation, code, object }: No, mark: Mark): AfterNo {
  if (object?.state === 'captured' && object.captured === operation.amount) {
    const captured = order.payment!.captured + operation.amount
    const taken = withOutcome(order, operation, { state: 'done', elsewhere: true }, { captured })
    return { go: withTrouble(taken, 'moved_elsewhere', mark) }
  }
  // Nothing can be taken any more, and nothing is sold yet: a wish to cancel need not wait for either.
  const { cancel_requested: wish, ...rest } = order
  if (!wish || (object?.state !== 'cancelled' && object?.state !== 'captured')) return undefined
  const { at: _, ...hand } = wish
  const refused = withOutcome(rest, operation, { state: 'refused', code })
  return { stay: moveTo(refused, stepRule(order).refused!, mark, hand) }
}

/** What others gave back is taken off; the rest is asked for anew, later each time. */
function refundRefused(order: Order, { operation, code, object }: No, mark: Mark): Commit {
  const refused = withOutcome(order, operation, { state: 'refused', code })
  const elsewhere = object ? beyond(refused, object).refunded : 0
  if (object && elsewhere > 0) {
    const document = withElsewhere(refused, object, mark)
    return { ...kept(document, mark), events: toldElsewhere(order, document, elsewhere, mark) }
  }
  return kept(withTrouble(refused, 'refund_failed', mark, operation), mark)
}

/** The order after a refund that was accepted has failed at the bank: the money is still here, and a human decides. */
export function refundFailed(order: Order, refund: PaymentOperation, mark: Mark): Commit {
  const refunded = order.payment!.refunded - refund.amount
  const failed = withOutcome(order, refund, { state: 'refused', code: 'declined' }, { refunded })
  const returned = returnAgain(failed, refund, mark)
  const open = returned ? withReturned(failed, returned) : failed
  const document = withTrouble({ ...open, payment_status: statusOf(open) }, 'refund_failed', mark, refund)
  const events = [refundFailedEvent(document, refund.amount, mark)]
  if (returned || document.payment_status !== order.payment_status)
    events.push(moneyMoved({ before: order, after: document, mark, ...(returned && { returned }) }))
  return { ...kept(document, mark), events }
}
