import type { BrowserAction, Outcome, PaymentObject } from '../provider.ts'
import type { Intent } from './answer-schema.ts'
import { refusalOf } from './fault-rules.ts'

interface Standing {
  intent: Intent
  object: PaymentObject
}

const NOT_FINISHED: Outcome = { outcome: 'unknown', reason: 'Stripe has not finished' }

/** What came of an authorisation, by how its object stands now; undefined when it stands as if none had been asked for. */
export function authorisation({ intent, object }: Standing): Outcome | undefined {
  switch (intent.status) {
    case 'requires_capture':
    case 'succeeded':
      return { outcome: 'done', object }
    case 'canceled':
      return { outcome: 'refused', code: 'cancelled', object }
    case 'requires_action':
      return asked({ intent, object })
    case 'processing':
      return NOT_FINISHED
    default:
      return undefined
  }
}

/** The browser was asked, and the object is back where it was. */
export function notAuthenticated({ intent, object }: Standing): Outcome {
  const failure = intent.last_payment_error
  return { outcome: 'refused', code: failure ? refusalOf(failure) : 'authentication_failed', object }
}

/** Only an address can be passed on. What wants Stripe's own script is a no: nobody has the secret that would finish it. */
function asked({ intent, object }: Standing): Outcome {
  const url = intent.next_action?.redirect_to_url?.url
  const action: BrowserAction | undefined =
    url && /^https?:\/\//.test(url) ? { kind: 'redirect', url } : undefined
  if (action) return { outcome: 'needs_action', action, object }
  return { outcome: 'refused', code: 'authentication_failed', object }
}

/** What came of a capture, or why it cannot be made, by how its object stands; undefined when it could be. */
export function captureRefusal(
  { intent, object }: Standing,
  key: string,
  amount: number,
): Outcome | undefined {
  if (intent.status === 'succeeded' && intent.metadata.capture_key === key) return { outcome: 'done', object }
  if (intent.status === 'processing') return NOT_FINISHED
  if (object.state !== 'authorised') return atWrongStep(object)
  return amount > object.amount ? { outcome: 'refused', code: 'too_much', object } : undefined
}

/** The same of a cancellation. */
export function cancelRefusal({ intent, object }: Standing): Outcome | undefined {
  if (intent.status === 'processing') return NOT_FINISHED
  if (object.state === 'cancelled') return { outcome: 'done', object }
  return object.state === 'captured' ? { outcome: 'refused', code: 'wrong_state', object } : undefined
}

/** Why nothing can be given back, by how the object stands; undefined when it can. */
export function refundRefusal(object: PaymentObject, amount: number): Outcome | undefined {
  if (object.state !== 'captured') return atWrongStep(object)
  const left = object.captured - object.refunded
  return amount > left ? { outcome: 'refused', code: 'too_much', object } : undefined
}

function atWrongStep(object: PaymentObject): Outcome {
  return { outcome: 'refused', code: object.state === 'cancelled' ? 'cancelled' : 'wrong_state', object }
}
