import { refundsOfReturn } from './payment-rules.ts'
import { keyOf, piecesOf } from './return-line-rules.ts'
import type { OrderReturn } from './return-schema.ts'
import type { Order } from './schema.ts'

/**
 * What the pieces of a return cost, in minor units: their share of the total without shipping. Shares are rounded on the sum of
 * all returns that money was given back for, this one included, so the parts of an order never come to more than its whole.
 */
export function costOf(order: Order, wanted: OrderReturn): number {
  const paidBack = (order.returns ?? []).filter(
    ({ id }) => id !== wanted.id && refundsOfReturn(order, id).some(({ state }) => state !== 'refused'),
  )
  return shareOf(order, [...paidBack, wanted]) - shareOf(order, paidBack)
}

/** The part of the total without shipping that falls on these returns, half a minor unit up. */
function shareOf(order: Order, returns: OrderReturn[]): number {
  const pieces = piecesOf(returns)
  const goods = order.lines.reduce((sum, line) => sum + line.unit_price * (pieces.get(keyOf(line)) ?? 0), 0)
  const whole = BigInt(order.subtotal)
  if (whole === 0n) return 0
  return Number((2n * BigInt(goods) * BigInt(order.total - order.shipping) + whole) / (2n * whole))
}
