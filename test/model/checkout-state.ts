/**
 * The world of the checkout model. Flags choose the variant:
 * `tomb` tombstones, `pi` a provider object that can be cancelled, `sweep` and `psweep` sweepers of stock and
 * provider, `cod` cash on delivery (no provider), `rev` cancel after PAID by refund and restock.
 * `again`: a refused card leaves the order where it is, for another one, until the customer or the time cancels it.
 * As the code has cash on delivery: `cash` (CONFIRMED commits the stock and leads straight to PAID, no cancel while
 * the order is hidden), `wish` (a cancel between CONFIRMED and PAID is noted and taken up at PAID), `ship` (staff
 * ship, after which nothing is given back), `ret` (a part of what was shipped comes back: the first SKU is restocked under a ref of
 * the return), `cart` (all orders come from one cart, which an order claims and empties).
 * Anti-patterns: `readCheck`, `ttlDirect`, `timeoutMeansFailed`, `noRef`, `revEarly`, `shipBlind`, `emptyLate`, `cancelHidden`,
 * `claimFreed` (an order that was RESERVED gives its cart version back when it is cancelled).
 */
export type Flag =
  | 'tomb'
  | 'pi'
  | 'sweep'
  | 'psweep'
  | 'cod'
  | 'rev'
  | 'cash'
  | 'wish'
  | 'ship'
  | 'ret'
  | 'cart'
  | 'again'
  | 'readCheck'
  | 'ttlDirect'
  | 'timeoutMeansFailed'
  | 'noRef'
  | 'revEarly'
  | 'shipBlind'
  | 'emptyLate'
  | 'cancelHidden'
  | 'claimFreed'

export interface Setting {
  flags: Partial<Record<Flag, true>>
  orders: number
  drivers: number
  crashes: number
  timeouts: number
  stock: number
  /** Cancels per order. */
  cancels: number
  skus: number
}

/** Steps of an order; PAID is the code's COMMITTED, NEW one that is not inserted yet, REFUSED one that never will be. */
export type Step =
  | 'NEW'
  | 'REFUSED'
  | 'PENDING'
  | 'RESERVED'
  | 'AUTHORIZING'
  | 'RELEASE_ONLY'
  | 'CONFIRMED'
  | 'CAPTURED'
  | 'PAID'
  | 'CANCELLING'
  | 'CANCELLED'
  | 'REVERSING'
  | 'REVERSED'

export interface Stock {
  available: number
  /** Orders that hold a unit. */
  reserved: number[]
  sold: number
  tombs: number[]
  refs: number[]
}

export interface Driver {
  order: number
  /** The step that it read; what it does follows from this alone. */
  step: Step
  /** Next SKU. */
  sku: number
  /** What it learned on the way. */
  mark: number
  seen?: number
}

export interface State {
  stock: Stock[]
  orders: Step[]
  provider: ['none' | 'authed' | 'captured' | 'refunded' | 'canceled', number][]
  drivers: (Driver | null)[]
  crashes: number
  timeouts: number
  cancels: number[]
  ttl: number
  /** Orders with a noted wish to cancel, and shipped ones. */
  wishes: number[]
  shipped: number[]
  /** Orders whose return was received, and those of which it is back in the stock. */
  returned: number[]
  restocked: number[]
  cart: { version: number; full: boolean; changes: number }
  /** By order: the cart version it claims, the one it came from, whether it ever was RESERVED. */
  claims: (number | null)[]
  origins: (number | null)[]
  reached: number[]
  bad?: string
}

export function initialState({ flags, ...size }: Setting): State {
  return {
    stock: Array.from({ length: size.skus }, () => ({
      available: size.stock,
      reserved: [],
      sold: 0,
      tombs: [],
      refs: [],
    })),
    orders: Array(size.orders).fill(flags.cart ? 'NEW' : 'PENDING'),
    provider: Array.from({ length: size.orders }, () => ['none', 0]),
    drivers: Array(size.drivers).fill(null),
    crashes: size.crashes,
    timeouts: size.timeouts,
    cancels: Array(size.orders).fill(size.cancels),
    ttl: flags.ttlDirect ? 1 : 0,
    wishes: [],
    shipped: [],
    returned: [],
    restocked: [],
    cart: { version: 1, full: true, changes: flags.cart ? 1 : 0 },
    claims: Array(size.orders).fill(null),
    origins: Array(size.orders).fill(null),
    reached: [],
  }
}

/** Whether nothing is left to do for the order. */
export function isOver(state: State, order: number): boolean {
  const step = state.orders[order]!
  if (step === 'PAID') return !state.wishes.includes(order) && !isReturning(state, order)
  return step === 'CANCELLED' || step === 'REVERSED' || step === 'REFUSED'
}

/** Whether goods of the order lie about: the order says that they are to be put back. */
export function isReturning(state: State, order: number): boolean {
  return state.returned.includes(order) && !state.restocked.includes(order)
}

/** Adds to a sorted list of orders, once. */
export function addOnce(list: number[], order: number): void {
  if (list.includes(order)) return
  list.push(order)
  list.sort()
}
