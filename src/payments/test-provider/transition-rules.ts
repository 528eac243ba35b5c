import type { PaymentObject, RefusalCode } from '../provider.ts'
import type { TokenEffect } from './token-rules.ts'

/** What an operation makes of an object, or why it is refused. */
export type Verdict =
  | { outcome: 'done' | 'needs_action'; object: PaymentObject }
  | { outcome: 'refused'; code: RefusalCode; object: PaymentObject }

/** Holds the amount, asks the browser first, or refuses. */
export function authorised(object: PaymentObject, { effect, ...more }: TokenEffect): Verdict {
  if (object.state === 'cancelled') return refused(object, 'cancelled')
  // Another try has succeeded meanwhile; the amount is held once.
  if (object.state === 'authorised') return { outcome: 'done', object }
  if (object.state === 'captured') return refused(object, 'wrong_state')
  if (effect === 'refuse') return refused(object, (more as { code: RefusalCode }).code)
  if (effect === 'ask') return { outcome: 'needs_action', object: { ...object, state: 'needs_action' } }
  return { outcome: 'done', object: { ...object, state: 'authorised' } }
}

/** The browser did what was asked, or could not. */
export function acted(object: PaymentObject, succeeded: boolean): Verdict {
  if (object.state === 'cancelled') return refused(object, 'cancelled')
  // Another try has succeeded meanwhile.
  if (object.state === 'authorised' || object.state === 'captured') return { outcome: 'done', object }
  if (!succeeded) return refused({ ...object, state: 'new' }, 'authentication_failed')
  return { outcome: 'done', object: { ...object, state: 'authorised' } }
}

export function captured(object: PaymentObject, amount: number): Verdict {
  if (object.state === 'cancelled') return refused(object, 'cancelled')
  if (object.state !== 'authorised') return refused(object, 'wrong_state')
  if (amount > object.amount) return refused(object, 'too_much')
  return { outcome: 'done', object: { ...object, state: 'captured', captured: amount } }
}

export function cancelled(object: PaymentObject): Verdict {
  if (object.state === 'captured') return refused(object, 'wrong_state')
  return { outcome: 'done', object: { ...object, state: 'cancelled' } }
}

export function refunded(object: PaymentObject, amount: number): Verdict {
  if (object.state !== 'captured') return refused(object, 'wrong_state')
  const sum = object.refunded + amount
  if (sum > object.captured) return refused(object, 'too_much')
  return { outcome: 'done', object: { ...object, refunded: sum } }
}

/** The object after a refund of this amount has failed at the bank. */
export function refundFailed(object: PaymentObject, amount: number): PaymentObject {
  return { ...object, refunded: object.refunded - amount }
}

function refused(object: PaymentObject, code: RefusalCode): Verdict {
  return { outcome: 'refused', code, object }
}
