import type { EventDraft } from '../../kernel/event.ts'
import { OrderCancelled, OrderCreated, OrderReturned, OrderUpdated } from './events-schema.ts'
import { type HistoryEntry, LEASE_MS, type Order, type OrderResult } from './schema.ts'
import type { OrderStatus, OrderStep } from './status-schema.ts'
import { STAFF_STEPS, STATUS_GRAPH, STEPS } from './steps.ts'

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
export function rests(order: Pick<Order, 'step' | 'cancel_requested'>): boolean {
  return STEPS[order.step].next === undefined && !takesUpWish(order)
}

/** Whether the order only passes: there is nothing to do at its step but to move on. */
export function passesThrough({ step }: Pick<Order, 'step'>): boolean {
  return STEPS[step].next !== undefined && STEPS[step].work === undefined
}

/** Whether a noted wish to cancel is due. */
export function takesUpWish({ step, cancel_requested }: Pick<Order, 'step' | 'cancel_requested'>): boolean {
  return cancel_requested !== undefined && STEPS[step].cancel === 'REVERSING'
}

/** Whether somebody is at work on the order. Where there is one process, a lease of another start is void at once. */
export function isDriven(
  { lease }: Pick<Order, 'lease'>,
  { now, owner, alone }: Pick<Mark, 'now' | 'owner' | 'alone'>,
): boolean {
  return lease !== undefined && lease.until > now && (!alone || lease.owner === owner)
}

/** Statuses that somebody may ask for now. */
export function allowedTransitions(
  order: Pick<Order, 'step' | 'status' | 'cancel_requested'>,
): OrderStatus[] {
  if (order.cancel_requested) return []
  const targets = Object.entries(STATUS_GRAPH[order.status]) as [OrderStatus, string][]
  return targets.filter(([to, mover]) => mover !== 'protocol' && isTakenNow(order.step, to)).map(([to]) => to)
}

function isTakenNow(step: OrderStep, to: OrderStatus): boolean {
  return to === 'cancelled' ? STEPS[step].cancel !== undefined : STAFF_STEPS.includes(step)
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
  const status = STEPS[to].status ?? order.status
  const history: HistoryEntry[] = [...order.history, { step: to, status, at: mark.at, ...hand }]
  const document: Order = { ...order, step: to, status, updated_at: mark.at, history }
  if (to === 'RESERVED') document.placed_at = order.created_at
  if (to === 'CONFIRMED') document.result = placedResult(document, order.version + 1)
  if (to === 'REVERSING') delete document.cancel_requested
  // A customer who was quick enough to cancel first is still answered with the order as it was made.
  if (order.step === 'RESERVED' && to === 'CANCELLING') document.result = placedResult(order, order.version)
  return { document: withLease(document, mark), events: eventsOf(order, document, mark, hand.by) }
}

function placedResult({ history, updated_at }: Order, version: number): OrderResult {
  return { kind: 'placed', entries: history.length, version, at: updated_at }
}

/** A lease while something is left to do, none at rest. */
export function withLease({ lease: _, ...order }: Order, { now, owner }: Pick<Mark, 'now' | 'owner'>): Order {
  return rests(order) ? order : { ...order, lease: { owner, until: now + LEASE_MS } }
}

function eventsOf(before: Order, after: Order, mark: Mark, actor: string): EventDraft[] {
  if (after.step === 'CONFIRMED') return [createdEvent(after, mark, actor)]
  // What never was RESERVED tells no one.
  if (after.status !== 'cancelled' || before.status === 'cancelled' || !after.placed_at) return []
  const told = (after.sequences?.[OrderCreated.topic] ?? 0) > 0
  const cancelled = changeEvent({ before, after, mark, actor, changed: ['status'] })
  return told ? [cancelled] : [createdEvent(before, mark, before.user_id), cancelled]
}

function createdEvent(order: Order, mark: Mark, actor: string): EventDraft {
  const money = (amount: number) => ({ amount, currency: order.currency })
  return OrderCreated.draft({
    ...envelope(order, mark, actor),
    data: {
      ...stateOf(order),
      payment_method: order.payment_method,
      subtotal: money(order.subtotal),
      shipping: money(order.shipping),
      tax: money(order.tax),
      tax_included: money(order.tax_included ?? 0),
      discount: money(order.discount),
      country: order.shipping_address?.country ?? '',
      item_count: order.lines.reduce((sum, { quantity }) => sum + quantity, 0),
      lines: order.lines.map(({ name: _, options: __, ...line }) => line),
      ...(order.session_id && { session_id: order.session_id }),
      ...(order.anonymous_id && { anonymous_id: order.anonymous_id }),
    },
  })
}

/** Tells of an order that was told before. */
export function changeEvent({ before, after, mark, actor, changed }: ChangeToTell): EventDraft {
  const input = { ...envelope(after, mark, actor) }
  const data = { ...stateOf(after), status_before: before.status, changed }
  if (before.status === after.status) return OrderUpdated.draft({ ...input, data })
  if (after.status === 'cancelled') {
    return OrderCancelled.draft({ ...input, data: { ...data, reason: after.cancel_reason ?? 'staff' } })
  }
  if (after.status === 'returned') return OrderReturned.draft({ ...input, data })
  return OrderUpdated.draft({ ...input, data })
}

interface ChangeToTell {
  before: Order
  after: Order
  mark: Mark
  actor: string
  changed: string[]
}

function envelope(order: Order, mark: Mark, actor: string) {
  return { id: mark.newEventId(), subject: `orders/${order.id}`, key: order.id, at: mark.now, actor }
}

function stateOf(order: Order) {
  const { id, user_id, created_at, status, payment_status, total, currency } = order
  return { order_id: id, user_id, created_at, status, payment_status, total: { amount: total, currency } }
}
