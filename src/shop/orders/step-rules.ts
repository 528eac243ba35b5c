import type { EventDraft } from '../../kernel/event.ts'
import { arrivedByCard } from './card-rules.ts'
import { eventsOf } from './order-event-rules.ts'
import { askedOf, awaitsCustomer, isPaused, openOf, waitsAfterNo } from './payment-rules.ts'
import { openRestocks } from './restock-rules.ts'
import { placedResult } from './result-rules.ts'
import { type HistoryEntry, LEASE_MS, LONGEST_WAIT_MS, type Order } from './schema.ts'
import type { OrderStatus, OrderStep } from './status-schema.ts'
import { STAFF_STEPS, STATUS_GRAPH, stepRule } from './steps.ts'

/** What a rule needs of the world, passed in. */
export interface Mark {
  now: number
  /** The same as RFC 3339. */
  at: string
  /** Start id of the process that drives. */
  owner: string
  /** Whether no other process is on the storage. */
  alone: boolean
  newEventId(): string
  newPaymentId(): string
  /** How long stock is held for a customer who has not paid, in milliseconds. */
  hold_ms: number
}

/** Who wants a change. */
export interface Hand {
  by: string
  staff?: true
  note?: string
}

/** One document and the events that tell of it: what is committed together. */
export interface Commit {
  document: Order
  events: EventDraft[]
}

/** Whether nothing is left to do for the order. */
export function rests(order: Order): boolean {
  if (awaitsCustomer(order)) return askedOf(order) === undefined
  const open = openOf(order, 'refund') !== undefined || openRestocks(order).length > 0
  return stepRule(order).next === undefined && !takesUpWish(order) && !open
}

/** Whether there is nothing to do for the order yet: its provider is not asked again, and no goods lie about. */
export function isWaiting(order: Order, now: number): boolean {
  const waits = isPaused(order, now) || waitsAfterNo(order, now)
  return waits && openRestocks(order).length === 0
}

/** Whether the order is through with its stock: sold, given back, or never had. One that waits for its customer is not. */
export function isOver(order: Pick<Order, 'step' | 'payment_method'>): boolean {
  return stepRule(order).next === undefined
}

/** Whether the order only passes: there is nothing to do at its step but to move on. */
export function passesThrough(order: Pick<Order, 'step' | 'payment_method'>): boolean {
  const { next, work, payment } = stepRule(order)
  return next !== undefined && work === undefined && payment === undefined
}

/** Whether a noted wish to cancel is due. */
export function takesUpWish(order: Pick<Order, 'step' | 'payment_method' | 'cancel_requested'>): boolean {
  return order.cancel_requested !== undefined && stepRule(order).cancel === 'REVERSING'
}

/** Whether somebody is at work on the order. Where there is one process, a lease of another start is void at once. */
export function isDriven(
  { lease }: Pick<Order, 'lease'>,
  { now, owner, alone }: Pick<Mark, 'now' | 'owner' | 'alone'>,
): boolean {
  if (lease === undefined || lease.until <= now || lease.until > now + LONGEST_WAIT_MS) return false
  return !alone || lease.owner === owner
}

/** Statuses that somebody may ask for now. */
export function allowedTransitions(
  order: Pick<Order, 'step' | 'status' | 'payment_method' | 'cancel_requested'>,
): OrderStatus[] {
  if (order.cancel_requested) return []
  const targets = Object.entries(STATUS_GRAPH[order.status]) as [OrderStatus, string][]
  return targets.filter(([to, mover]) => mover !== 'protocol' && isTakenNow(order, to)).map(([to]) => to)
}

function isTakenNow(order: Pick<Order, 'step' | 'payment_method'>, to: OrderStatus): boolean {
  if (to === 'cancelled') return stepRule(order).cancel !== undefined
  // Nothing leaves the house before its money is taken.
  const unpaid = order.payment_method === 'card' && order.step === 'CONFIRMED'
  return STAFF_STEPS.includes(order.step) && !(unpaid && to === 'shipped')
}

/** The order at its next step, in the hand of whoever set it going. */
export function moveOn(order: Order, to: OrderStep, mark: Mark): Commit {
  const { by, staff, note } = takesUpWish(order) ? order.cancel_requested! : handOfLast(order)
  return moveTo(order, to, mark, { by, ...(staff && { staff }), ...(note && { note }) })
}

/** The last hand; its note goes along until the change that it explains is made. */
function handOfLast({ history, step }: Order): Hand {
  const { by, staff, note } = history.at(-1)!
  const ending = step === 'CANCELLING' || step === 'REVERSING'
  return ending ? { by, staff, note } : { by, staff }
}

/** The order at step `to`, with what belongs to arriving there. Protocol: docs/checkout.md, section 2. */
export function moveTo(order: Order, to: OrderStep, mark: Mark, hand: Hand): Commit {
  const status = stepRule(order, to).status ?? order.status
  const history: HistoryEntry[] = [...order.history, { step: to, status, at: mark.at, ...hand }]
  const moved: Order = { ...order, step: to, status, updated_at: mark.at, history }
  if (to === 'RESERVED') moved.placed_at = order.created_at
  if (to === 'REVERSING') delete moved.cancel_requested
  const document = moved.payment_method === 'card' ? arrivedByCard(moved, mark) : arrivedByCash(moved, order)
  return { document: withLease(document, mark), events: eventsOf(order, document, mark, hand.by) }
}

function arrivedByCash(document: Order, before: Order): Order {
  const { step } = document
  if (step === 'CONFIRMED') return { ...document, result: placedResult(document, before.version + 1) }
  // A customer who was quick enough to cancel first is still answered with the order as it was made.
  if (before.step === 'RESERVED' && step === 'CANCELLING')
    return { ...document, result: placedResult(before, before.version) }
  return document
}

/** The order as it was changed at its step, without an event. */
export function kept(order: Order, mark: Mark): Commit {
  return { document: withLease({ ...order, updated_at: mark.at }, mark), events: [] }
}

/** A lease while something is left to do, none at rest; one that only waits for a provider lasts until it is asked again. */
export function withLease({ lease: _, ...order }: Order, { now, owner }: Pick<Mark, 'now' | 'owner'>): Order {
  if (rests(order)) return order
  const retry_at = openRestocks(order).length > 0 ? 0 : (order.payment?.retry_at ?? 0)
  return { ...order, lease: { owner, until: Math.max(now + LEASE_MS, retry_at) } }
}
