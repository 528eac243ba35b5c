import type { Address } from './address-schema.ts'
import type { PaymentOperation } from './payment-schema.ts'
import type { OrderReturn } from './return-schema.ts'
import type { Order } from './schema.ts'
import type { OrderStatus } from './status-schema.ts'
import { rests } from './step-rules.ts'

const OVER: readonly OrderStatus[] = ['delivered', 'cancelled', 'returned']
const SETTLED: readonly OrderReturn['state'][] = ['rejected', 'refunded']
/** What stands where an address needs a text. */
const ERASED = 'erased'

/** Whether the shop and the customer are done with each other over this order: only then may it lose its person. */
export function isDone(order: Order): boolean {
  const returned = (order.returns ?? []).every(({ state }) => SETTLED.includes(state))
  return OVER.includes(order.status) && rests(order) && returned
}

/**
 * The order without its person: what was sold for how much and to which country stays, with the ids of who did what. Notes and
 * reasons go, whoever wrote them, since they may speak of the person; so do the parcel's number, the means of payment, the
 * visit and the key of the request.
 */
export function withoutPerson(order: Order): Order {
  const { idem: _, note: __, tracking: ___, session_id: ____, anonymous_id: _____, ...kept } = order
  const { shipping_address, billing_address, payment, returns, cancel_requested } = kept
  return {
    ...kept,
    ...(shipping_address && { shipping_address: countryOf(shipping_address) }),
    ...(billing_address && { billing_address: countryOf(billing_address) }),
    ...(cancel_requested && { cancel_requested: withoutNote(cancel_requested) }),
    ...(payment && { payment: { ...payment, operations: payment.operations.map(withoutMeans) } }),
    ...(returns && { returns: returns.map(withoutReasons) }),
    history: order.history.map(withoutNote),
  }
}

/** Whether there is anything of the person left in the order. */
export function hasPerson(order: Order): boolean {
  return JSON.stringify(withoutPerson(order)) !== JSON.stringify(order)
}

/** An address of which nothing but the country is left. */
export function countryOf({ country }: Address): Address {
  return { name: ERASED, line1: ERASED, city: ERASED, postal_code: ERASED, country }
}

function withoutNote<Entry extends { note?: string }>({ note: _, ...entry }: Entry): Omit<Entry, 'note'> {
  return entry
}

function withoutMeans({
  method: _,
  action: __,
  reason: ___,
  ...operation
}: PaymentOperation): PaymentOperation {
  return operation
}

function withoutReasons(one: OrderReturn): OrderReturn {
  return {
    ...one,
    lines: one.lines.map(({ reason: _, ...line }) => line),
    history: one.history.map(withoutNote),
  }
}
