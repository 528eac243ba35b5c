/** Parameters as they are sent: `metadata[order_id]`, `expand[0]`. */
export type Form = Record<string, string>
export type Method = 'GET' | 'POST'

export interface Answer {
  status: number
  body: object
  replayed?: boolean
}

export interface Charge {
  id: string
  object: 'charge'
  amount: number
  amount_captured: number
  amount_refunded: number
  currency: string
  payment_intent: string
  metadata: Form
}

export interface Intent {
  id: string
  object: 'payment_intent'
  livemode: false
  status: string
  amount: number
  amount_capturable: number
  amount_received: number
  currency: string
  created: number
  metadata: Form
  last_payment_error: object | null
  next_action: object | null
  latest_charge: Charge | null
}

export interface Refund {
  id: string
  object: 'refund'
  amount: number
  status: string
  payment_intent: string
  metadata: Form
}

/** Path of the page at which the browser does what was asked. */
export const PAGE = '/authenticate/'

/** What the methods of Stripe's test mode do; https://docs.stripe.com/testing. */
export const METHODS: Record<string, 'yes' | 'ask' | 'wait' | { code: string; decline_code?: string }> = {
  pm_card_visa: 'yes',
  pm_card_threeDSecure2Required: 'ask',
  /** None of Stripe's: a bank that takes its time. */
  pm_card_slow: 'wait',
  pm_card_chargeDeclined: { code: 'card_declined', decline_code: 'generic_decline' },
  pm_card_chargeDeclinedInsufficientFunds: { code: 'card_declined', decline_code: 'insufficient_funds' },
  pm_card_chargeDeclinedExpiredCard: { code: 'expired_card', decline_code: 'expired_card' },
  pm_card_chargeDeclinedProcessingError: { code: 'processing_error' },
  pm_card_chargeDeclinedIncorrectCvc: { code: 'incorrect_cvc', decline_code: 'incorrect_cvc' },
}

/** Smallest and largest amounts that are taken, in Stripe's units. */
export const LIMITS = { least: 50, most: 99_999_999 }

export function failure(status: number, error: object): Answer {
  return { status, body: { error: { message: 'No.', ...error } } }
}

export function invalid(code: string | undefined, param?: string): Answer {
  return failure(400, { type: 'invalid_request_error', code, param })
}

/** `metadata[…]` of a request. */
export function metadataOf(form: Form): Form {
  const entries = Object.entries(form).map(
    ([name, value]) => [/^metadata\[(.+)\]$/.exec(name)?.[1], value] as const,
  )
  return Object.fromEntries(entries.filter(([name]) => name !== undefined)) as Form
}

/** The charge is an id, unless it was asked for with its fields. */
export function shown(intent: Intent, form: Form, expansion = 'latest_charge'): object {
  const expanded = Object.entries(form).some(
    ([name, value]) => name.startsWith('expand[') && value === expansion,
  )
  return { ...intent, latest_charge: expanded ? intent.latest_charge : (intent.latest_charge?.id ?? null) }
}
