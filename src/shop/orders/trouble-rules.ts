import { refundable } from './payment-rules.ts'
import type { PaymentOperation } from './payment-schema.ts'
import type { Order, Trouble, TroubledOrder } from './schema.ts'
import type { Mark } from './step-rules.ts'

/** So often a provider may not answer before it is worth a look. */
const MAX_TRIES = 3
/** An order that cannot come to rest for so long needs a human. */
export const STUCK_MS = 60 * 60 * 1_000

/** Of two troubles the later in this list is told. */
const GRAVITY: readonly Trouble[] = ['moved_elsewhere', 'payment_mismatch', 'payment_stuck', 'refund_failed']

/** The order, which a human should look at; a graver trouble takes the place of another one. */
export function withTrouble(
  order: Order,
  why: Trouble,
  mark: Pick<Mark, 'at'>,
  operation?: Pick<PaymentOperation, 'id'>,
): Order {
  const { attention } = order
  if (attention && GRAVITY.indexOf(attention.why) >= GRAVITY.indexOf(why)) return order
  return { ...order, attention: { at: mark.at, why, ...(operation && { operation: operation.id }) } }
}

/** The order after an operation was done: what was wrong with this one is settled, and a failed refund when nothing is left of it. */
export function settledTrouble(order: Order, operation: Pick<PaymentOperation, 'id'>): Order {
  const { attention, ...rest } = order
  if (!attention) return order
  const over = attention.operation === operation.id
  const givenBack = attention.why === 'refund_failed' && refundable(order) === 0
  return over || givenBack ? rest : order
}

/** Why a human should look at the order; undefined when nobody has to. */
export function troubleOf(order: Order, now: number): TroubledOrder | undefined {
  const { id: order_id, number, attention, updated_at } = order
  if (attention) return { order_id, number, why: attention.why, since: attention.at }
  const silent = order.payment?.operations.find(
    ({ state, tries = 0 }) => state === 'unknown' && tries >= MAX_TRIES,
  )
  if (silent) return { order_id, number, why: 'payment_unknown', since: silent.at }
  if (order.lease && now - Date.parse(updated_at) > STUCK_MS)
    return { order_id, number, why: 'order_stuck', since: updated_at }
  return undefined
}
