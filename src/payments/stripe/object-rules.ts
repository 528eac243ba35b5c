import type { PaymentObject } from '../provider.ts'
import { fromStripe } from './amount-rules.ts'
import type { Intent } from './answer-schema.ts'

/** Stands in the metadata of all that the shop makes: an account may hold payments of others, which are none of its business. */
export const MADE_BY = { made_by: 'tradewind' } as const

const STATES: Record<Intent['status'], PaymentObject['state']> = {
  requires_payment_method: 'new',
  requires_confirmation: 'new',
  requires_action: 'needs_action',
  processing: 'needs_action',
  requires_capture: 'authorised',
  succeeded: 'captured',
  canceled: 'cancelled',
}

/** The shop's view of a PaymentIntent; undefined for one that the shop has not made. Throws when its amounts are not whole minor units. */
export function objectOf(intent: Intent): PaymentObject | undefined {
  const order_id = orderOf(intent.metadata)
  if (order_id === undefined) return undefined
  const currency = intent.currency.toUpperCase()
  const minor = (amount: number): number => {
    const found = fromStripe(amount, currency)
    if (found === undefined) throw new Error(`Stripe tells of ${amount} ${currency}, which cannot be counted`)
    return found
  }
  return {
    id: intent.id,
    order_id,
    amount: minor(intent.amount),
    currency,
    state: STATES[intent.status],
    captured: minor(intent.amount_received),
    refunded: minor(intent.latest_charge?.amount_refunded ?? 0),
    created_at: intent.created * 1_000,
  }
}

/** The order that something was made for; undefined when the shop has not made it. */
export function orderOf(metadata: Record<string, string>): string | undefined {
  const own = Object.hasOwn(metadata, 'made_by') && metadata.made_by === MADE_BY.made_by
  return own && Object.hasOwn(metadata, 'order_id') ? metadata.order_id : undefined
}

/** Whether a refund of this status was not given, or came back. */
export function cameToNothing(status: string): boolean {
  return status === 'failed' || status === 'canceled'
}
