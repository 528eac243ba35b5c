import type { Order } from './schema.ts'
import { rests } from './step-rules.ts'

/** What the provider has, as far as it matters here. */
export interface Held {
  id: string
  state: string
  captured: number
  refunded: number
  created_at: number
}

export interface Claim {
  give: 'cancel' | 'refund'
  why: string
}

/** What was made so lately may not be in its order yet. */
const SETTLING_MS = 2 * 60 * 1_000

/** What is to be given back of a provider's object; undefined where its order accounts for it, or is still under way. */
export function claimOn(object: Held, order: Order | undefined, now: number): Claim | undefined {
  if (now - object.created_at < SETTLING_MS) return undefined
  const kept = object.captured - object.refunded
  const holds = object.state === 'authorised' || object.state === 'needs_action'
  if (!order) return claim(kept, holds, 'a payment belongs to no order')
  if (!rests(order)) return undefined
  if (order.payment?.object_id !== object.id)
    return claim(kept, holds, 'a payment is not the one of its order')
  const over = order.step === 'CANCELLED' || order.step === 'REVERSED'
  return over ? claim(kept, holds, 'an order that is over still has a payment') : undefined
}

function claim(kept: number, holds: boolean, why: string): Claim | undefined {
  if (kept > 0) return { give: 'refund', why }
  return holds ? { give: 'cancel', why } : undefined
}
