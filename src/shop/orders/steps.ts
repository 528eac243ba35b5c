import type { Order, PaymentWork } from './schema.ts'
import type { OrderStatus, OrderStep } from './status-schema.ts'

/**
 * The two life cycles of an order, as data. `step` is the protocol's (docs/checkout.md), `status` the shop's. The
 * guard, `allowed_transitions`, the documentation and the checker's automaton are read from these two literals.
 */

/** What a driver does while the order is at a step, before it moves on. */
export type StepWork = 'reserve' | 'commit' | 'release' | 'restock'

export interface StepRule {
  /** An operation of the provider that has to be done first; it may be repeated under its key. */
  payment?: PaymentWork
  /** Every line of the order in one batch that may be repeated; absent where there is nothing to do. */
  work?: StepWork
  /** Where success leads; absent where the order rests. A card waits for its customer where the payment does. */
  next?: OrderStep
  /**
   * Where a definite failure of the work leads; without it the work is tried again until it succeeds. Of a capture: when somebody has
   * let go of the money, and the order is wished to be cancelled.
   */
  refused?: OrderStep
  /** What a wish to cancel does: move at once, or be noted and taken up where the order rests next. */
  cancel?: OrderStep | 'noted'
  /** The status that an order gets by arriving here; without it the status stays. */
  status?: OrderStatus
}

export type Steps = Partial<Record<OrderStep, StepRule>>

export const CASH_STEPS: Steps = {
  PENDING: { work: 'reserve', next: 'RESERVED', refused: 'CANCELLING', status: 'pending' },
  RESERVED: { next: 'CONFIRMED', cancel: 'CANCELLING' },
  CONFIRMED: { work: 'commit', next: 'COMMITTED', cancel: 'noted', status: 'confirmed' },
  COMMITTED: { cancel: 'REVERSING' },
  CANCELLING: { work: 'release', next: 'CANCELLED' },
  CANCELLED: { status: 'cancelled' },
  REVERSING: { work: 'restock', next: 'REVERSED' },
  REVERSED: { status: 'cancelled' },
}

export const CARD_STEPS: Steps = {
  PENDING: { work: 'reserve', next: 'RESERVED', refused: 'CANCELLING', status: 'pending' },
  RESERVED: { payment: 'create', next: 'AUTHORIZING', cancel: 'CANCELLING' },
  AUTHORIZING: { payment: 'authorise', next: 'CONFIRMED', cancel: 'CANCELLING' },
  CONFIRMED: {
    payment: 'capture',
    next: 'CAPTURED',
    refused: 'CANCELLING',
    cancel: 'noted',
    status: 'confirmed',
  },
  CAPTURED: { work: 'commit', next: 'COMMITTED', cancel: 'noted' },
  COMMITTED: { cancel: 'REVERSING' },
  CANCELLING: { payment: 'cancel', work: 'release', next: 'CANCELLED' },
  CANCELLED: { status: 'cancelled' },
  REVERSING: { payment: 'refund', work: 'restock', next: 'REVERSED' },
  REVERSED: { status: 'cancelled' },
}

/** What holds for an order at a step, by default at its own. */
export function stepRule(
  { step, payment_method }: Pick<Order, 'step' | 'payment_method'>,
  at: OrderStep = step,
): StepRule {
  const rule = (payment_method === 'card' ? CARD_STEPS : CASH_STEPS)[at]
  if (!rule) throw new Error(`an order by ${payment_method} cannot be at ${at}`)
  return rule
}

/** `protocol`: nobody may ask for it; `staff`: staff alone; `owner`: the customer too. */
export type Mover = 'protocol' | 'staff' | 'owner'

export const STATUS_GRAPH: Record<OrderStatus, Partial<Record<OrderStatus, Mover>>> = {
  pending: { confirmed: 'protocol', cancelled: 'owner' },
  confirmed: { processing: 'staff', cancelled: 'owner' },
  processing: { shipped: 'staff', cancelled: 'owner' },
  shipped: { delivered: 'staff' },
  delivered: { returned: 'staff' },
  cancelled: {},
  returned: {},
}

/** Steps at which staff move the status along its graph. */
export const STAFF_STEPS: readonly OrderStep[] = ['CONFIRMED', 'CAPTURED', 'COMMITTED']
