import { refundable, statusOf, withIntent, withoutOpenTries } from './payment-rules.ts'
import { placedResult } from './result-rules.ts'
import type { Order } from './schema.ts'
import type { Mark } from './step-rules.ts'

/** What belongs to arriving at a step, for an order by card: the intent of what the provider is asked for there goes along. */
export function arrivedByCard(order: Order, mark: Mark): Order {
  switch (order.step) {
    case 'RESERVED': {
      const held = { ...order, expires_at: new Date(mark.now + mark.hold_ms).toISOString() }
      return { ...held, result: placedResult(held, order.version + 1) }
    }
    case 'CONFIRMED':
      return {
        ...withIntent(withoutOpenTries(unheld(order)), { kind: 'capture', amount: order.total }, mark),
        payment_status: 'processing',
      }
    case 'CAPTURED':
      return { ...order, payment_status: 'paid' }
    case 'CANCELLING':
      // Whatever was begun at the provider is cancelled there, also when it was not heard of.
      return mayHaveObject(order)
        ? withIntent(unheld(order), { kind: 'cancel', amount: 0 }, mark)
        : unheld(order)
    case 'CANCELLED':
      return order.payment?.operations.length
        ? { ...withoutOpenTries(order), payment_status: statusOf({ ...order, payment_status: 'failed' }) }
        : order
    case 'REVERSING':
      return withRefund(order, mark)
    case 'REVERSED':
      return order.payment ? { ...order, payment_status: statusOf(order) } : order
    default:
      return order
  }
}

/** A create that was refused has left nothing. */
function mayHaveObject({ payment }: Order): boolean {
  return payment?.operations.some(({ kind, state }) => kind === 'create' && state !== 'refused') ?? false
}

function unheld({ expires_at: _, ...order }: Order): Order {
  return order
}

/** The rest of what was taken. */
function withRefund(order: Order, mark: Mark): Order {
  const amount = refundable(order)
  return amount === 0 ? order : withIntent(order, { kind: 'refund', amount }, mark)
}
