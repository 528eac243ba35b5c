import type { Order, TroubledOrder } from './schema.ts'

/** So often a provider may not answer before it is worth a look. */
const MAX_TRIES = 3
/** An order that cannot come to rest for so long needs a human. */
export const STUCK_MS = 60 * 60 * 1_000

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
