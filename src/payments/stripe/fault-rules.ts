import type { RefusalCode } from '../provider.ts'

/**
 * What came instead of an answer. `no` is definite: Stripe has understood the request and has not done it. Everything else is unknown: it
 * may have been done. Reasons and codes hold nothing of what was sent, and no message of Stripe's, which may name a part of the key.
 */
export type Fault =
  | ({ fault: 'no'; status: 400 | 402 | 404 } & Told)
  /** The key stands for a request with other parameters. */
  | { fault: 'key_reused' }
  /** `failed`: Stripe has ended the request, with an error that is no refusal. */
  | { fault: 'unknown'; reason: string; failed?: true }

interface Told {
  code?: string
  decline_code?: string
  /** Which parameter Stripe takes exception to. */
  param?: string
  /** Stripe's number for the request, under which its dashboard shows the rest. */
  request?: string
}

/** Of the library's errors, what is read; https://docs.stripe.com/api/errors. */
interface StripeFailure extends Omit<Told, 'request'> {
  statusCode?: number
  rawType?: string
  requestId?: string
  /** What the connection failed of. */
  detail?: unknown
}

/** Codes that say "not now", whatever their status. */
const NOT_NOW = new Set(['idempotency_key_in_use', 'lock_timeout', 'rate_limit'])

export function faultOf(error: unknown): Fault {
  const { statusCode, rawType, code, decline_code, param, detail, requestId } = error as StripeFailure
  const unknown = (reason: string): Fault => ({ fault: 'unknown', reason })
  if (statusCode === undefined) {
    return unknown(detail instanceof Error ? detail.message : 'Stripe answered something else')
  }
  const told = {
    code: text(code),
    decline_code: text(decline_code),
    param: text(param),
    request: text(requestId),
  }
  if (statusCode === 401 || statusCode === 403) return unknown('Stripe does not accept STRIPE_SECRET_KEY')
  const now = !(told.code && NOT_NOW.has(told.code))
  if (now && statusCode === 400 && rawType === 'idempotency_error') return { fault: 'key_reused' }
  if (now && (statusCode === 400 || statusCode === 404)) return { fault: 'no', status: statusCode, ...told }
  if (now && statusCode === 402 && rawType === 'card_error') return { fault: 'no', status: 402, ...told }
  return { ...unknown(answered(statusCode, told)), ...(hasFailed(statusCode) && { failed: true }) }
}

function hasFailed(status: number): boolean {
  return status === 402 || status >= 500
}

/** Whether there is no such object in this account. */
export function isMissing(fault: Fault): boolean {
  return fault.fault === 'no' && fault.status === 404
}

/** A fault as the reason of what is not known. */
export function reasonOf(fault: Fault): string {
  if (fault.fault === 'unknown') return fault.reason
  if (fault.fault === 'key_reused') return 'the key was used for another request'
  return answered(fault.status, fault)
}

function answered(status: number, { code, param, request }: Told): string {
  const named = [code, param, request].filter((name) => name !== undefined)
  return `Stripe answered ${status}${named.length > 0 ? ` (${named.join(', ')})` : ''}`
}

const AUTHENTICATION = new Set(['authentication_required', 'payment_intent_authentication_failure'])
const NO_CARD = new Set([
  'incorrect_number',
  'invalid_number',
  'invalid_expiry_month',
  'invalid_expiry_year',
  'payment_intent_incompatible_payment_method',
  'payment_method_unexpected_state',
])

/** Why a card was refused; https://docs.stripe.com/declines/codes. What the list does not know is a plain no. */
export function refusalOf({
  code,
  decline_code,
}: {
  code?: string | null
  decline_code?: string | null
}): RefusalCode {
  if (code === 'expired_card' || decline_code === 'expired_card') return 'expired_card'
  if (decline_code === 'insufficient_funds') return 'insufficient_funds'
  if (AUTHENTICATION.has(code ?? '') || AUTHENTICATION.has(decline_code ?? '')) return 'authentication_failed'
  if (NO_CARD.has(code ?? '')) return 'invalid_method'
  return 'declined'
}

/** Whether what was named to pay with is nothing that Stripe could charge. */
export function isOfMethod({ code, param }: Told): boolean {
  if (code === 'payment_intent_unexpected_state') return false
  return param === 'payment_method' || NO_CARD.has(code ?? '')
}

/** Why a refund was refused, where its object does not show it: disputed, or not refundable for another reason. */
export function refundRefusalOf({ code }: Told): RefusalCode {
  return code === 'charge_already_refunded' ? 'too_much' : 'declined'
}

/** Whether it is the balance of the shop's account that does not suffice, which it may tomorrow. */
export function isOfBalance({ code }: Told): boolean {
  return code === 'balance_insufficient'
}

/** Whether Stripe takes exception to how much was asked for, or to the currency. */
export function isOfAmount({ code, param }: Told): boolean {
  return (
    param === 'amount' || param === 'currency' || code === 'amount_too_small' || code === 'amount_too_large'
  )
}

const MAX_TOLD_LENGTH = 100

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value.slice(0, MAX_TOLD_LENGTH) : undefined
}
