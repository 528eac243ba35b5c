import { changeEvent } from './order-event-rules.ts'
import { awaitsCustomer } from './payment-rules.ts'
import type { OrderChange } from './requests-schema.ts'
import type { CancelReason, Order, OrderResult, StoredRefusal } from './schema.ts'
import type { OrderStatus } from './status-schema.ts'
import {
  allowedTransitions,
  type Commit,
  type Hand,
  type Mark,
  moveTo,
  rests,
  withLease,
} from './step-rules.ts'
import { stepRule } from './steps.ts'
import { notAllowed } from './transition-rules.ts'

/** What a cancel says of itself. */
export interface Cancel extends Hand {
  /** Id of the request: its repeat is not refused. */
  operation: string
}

/** Throws `conflict` when the order may not get this status now. */
export function assertAllowed(order: Order, to: OrderStatus): void {
  const allowed = allowedTransitions(order)
  if (allowed.includes(to)) return
  throw notAllowed({ what: 'An order', from: order.status, to, allowed, told_as: 'order_status' })
}

/** The order with the wish to cancel: at once where stock can be given back now, else noted. */
export function cancelled(order: Order, cancel: Cancel, mark: Mark): Commit {
  assertAllowed(order, 'cancelled')
  const { operation, ...hand } = cancel
  const reason: CancelReason = hand.staff ? 'staff' : 'customer'
  const wanted: Order = { ...order, cancel_reason: reason, cancel_operation: operation }
  const rule = stepRule(order).cancel!
  if (rule !== 'noted') return moveTo(wanted, rule, mark, hand)
  const document = { ...wanted, updated_at: mark.at, cancel_requested: { at: mark.at, ...hand } }
  return { document: withLease(document, mark), events: [] }
}

/** The order that nobody paid in time, on its way to CANCELLED. */
export function expired(order: Order, mark: Mark): Commit {
  return moveTo({ ...order, cancel_reason: 'expired' }, 'CANCELLING', mark, { by: 'system' })
}

/** Whether an order from this cart takes the place of that one, which waits for a payment that nobody is making. */
export function isSuperseded(order: Order, cart_claim: string): boolean {
  const { cart_claim: other } = order
  // The same state of the cart is the same order: this request is a repeat of the one that made it.
  if (other === undefined || other === cart_claim) return false
  return cartOf(other) === cartOf(cart_claim) && waitsIdly(order)
}

function cartOf(claim: string): string {
  return claim.slice(0, claim.lastIndexOf('@'))
}

function waitsIdly(order: Order): boolean {
  return awaitsCustomer(order) && rests(order)
}

/** The order whose customer has ordered the cart anew, on its way to CANCELLED. */
export function superseded(order: Order, mark: Mark): Commit {
  return moveTo({ ...order, cancel_reason: 'superseded' }, 'CANCELLING', mark, { by: order.user_id })
}

/** The order as staff change it: along the graph, with a note for staff and where the parcel is. */
export function changedByStaff(order: Order, change: OrderChange, hand: Hand, mark: Mark): Commit {
  const status = change.status ?? order.status
  if (change.status !== undefined) assertAllowed(order, change.status)
  const entry = { step: order.step, status, at: mark.at, ...hand }
  const { attention, ...rest } = order
  // A note says what a human made of it.
  const open = change.note === undefined && attention ? { attention } : {}
  const after: Order = { ...rest, ...open, status, updated_at: mark.at, history: [...order.history, entry] }
  if (change.tracking) after.tracking = change.tracking
  const changed = (['status', 'tracking', 'note'] as const).filter((field) => change[field] !== undefined)
  return { document: after, events: [changeEvent({ before: order, after, mark, actor: hand.by, changed })] }
}

/** What a refused reservation means for the order. */
export interface Rejection {
  reason: CancelReason
  refusal: StoredRefusal
}

/**
 * The order on its way to CANCELLED because it could not get its stock. It never was RESERVED, so its cart may be
 * ordered again. What was refused for the moment only frees its key: a repeat is a new try.
 */
export function rejected(order: Order, { reason, refusal }: Rejection, mark: Mark): Commit {
  const { cart_claim: _, idem, ...rest } = order
  const result: OrderResult = { kind: 'refused', refusal }
  const keyed = reason !== 'unavailable' && idem ? { idem } : {}
  return moveTo({ ...rest, ...keyed, cancel_reason: reason, result }, 'CANCELLING', mark, {
    by: order.user_id,
  })
}
