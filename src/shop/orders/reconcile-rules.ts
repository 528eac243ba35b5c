import { beyond } from './elsewhere-rules.ts'
import type { PaymentObject } from './payment-schema.ts'
import type { Order } from './schema.ts'
import { rests } from './step-rules.ts'

export interface Claim {
  give: 'cancel' | 'refund'
  why: string
}

/** What was made so lately may not be in its order yet. */
const SETTLING_MS = 2 * 60 * 1_000

/** What is to be given back of a provider's object; undefined where its order accounts for it, or is still under way. */
export function claimOn(
  object: Pick<PaymentObject, 'id' | 'state' | 'captured' | 'refunded' | 'created_at'>,
  order: Order | undefined,
  now: number,
): Claim | undefined {
  if (now - object.created_at < SETTLING_MS) return undefined
  const kept = object.captured - object.refunded
  const holds = object.state === 'authorised' || object.state === 'needs_action'
  if (!order) return claim(kept, holds, 'a payment belongs to no order')
  if (!rests(order)) return undefined
  if (order.payment?.object_id !== object.id)
    return claim(kept, holds, 'a payment is not the one of its order')
  if (!isUndone(order) || hasFailedRefund(order)) return undefined
  // A refund has failed of which the shop has not heard yet.
  if (order.payment.refunded > object.refunded) return undefined
  return claim(kept, holds, 'an order that is over still has a payment')
}

/** Whether the provider and the order tell of different sums. */
export function differs(object: PaymentObject, order: Order): boolean {
  const { captured = 0, refunded = 0 } = order.payment ?? {}
  const more = beyond(order, object)
  return more.captured > 0 || more.refunded > 0 || captured > object.captured || refunded > object.refunded
}

/** Whether the order is over and keeps no money. */
export function isUndone({ step }: Pick<Order, 'step'>): boolean {
  return step === 'CANCELLED' || step === 'REVERSED'
}

/** Then staff decide how the customer gets the money, and nobody else does. */
function hasFailedRefund({ payment }: Order): boolean {
  return payment?.operations.some(({ kind, state }) => kind === 'refund' && state === 'refused') ?? false
}

function claim(kept: number, holds: boolean, why: string): Claim | undefined {
  if (kept > 0) return { give: 'refund', why }
  return holds ? { give: 'cancel', why } : undefined
}
