import { draftOf, type EventDraft } from '../kernel/event.ts'
import type { StockChange } from './stock-event.ts'

/**
 * The stock operations: each one conditional update of one stock document (a product and a SKU), judged
 * alone, safe to repeat, and told by one `stock_changed` event. Protocol: docs/checkout.md, section 3.
 */
export interface StockOperations {
  /** In the order of `keys`, at most 1,000; a missing one is left out and reads as 0. */
  getMany(keys: readonly StockKey[]): Promise<StockLevel[]>
  /** All SKUs of these products, in order of product and SKU. */
  ofProducts(productIds: readonly string[]): Promise<StockLevel[]>
  /**
   * One batch; verdicts in the order of the operations. Rejects when the storage cannot do it now: SQLite has applied nothing
   * of the batch then, MongoDB may have applied some. Every operation may be repeated.
   */
  apply(operations: readonly StockOperation[]): Promise<StockVerdict[]>
  /** Open reservations in order of (sku key, order), for sweepers and audits. */
  reservations(
    after: { product_id: string; sku: string; order_id: string } | null,
    limit: number,
  ): Promise<Reservation[]>
  /** Pages through all stock documents by key, for the audit. `reserved_sum` adds up the reservations. */
  audit(after: StockKey | null, limit: number): Promise<(StockLevel & { reserved_sum: number })[]>
  /** An audited document that does not add up is frozen: every operation on it answers `frozen`. */
  freeze(key: StockKey): Promise<void>
  /** Forgets tombstones and refs older than `before` (ms); says how many. */
  forget(before: number, limit: number): Promise<number>
}

export interface StockKey {
  product_id: string
  sku: string
}

export interface StockLevel extends StockKey {
  received: number
  adjusted: number
  available: number
  reserved: number
  sold: number
  low_stock_threshold: number
  frozen: boolean
  version: number
}

export interface Reservation extends StockKey {
  order_id: string
  quantity: number
  at: number
}

interface StockOperationBase extends StockKey {
  /** Id of the event that will tell of it. */
  event_id: string
  /** Milliseconds. */
  at: number
  actor: string
  /** Shortened address that the actor's request came from, where it is known. */
  origin?: string
}

/** Why an adjustment was made: with the product itself, or by staff as goods in, as a count, as goods lost. */
export const STOCK_REASONS = ['initial', 'delivery', 'count', 'write_off'] as const
export type StockReason = (typeof STOCK_REASONS)[number]

export type StockOperation = StockOperationBase &
  (
    | { kind: 'reserve' | 'release' | 'commit'; order_id: string; quantity: number }
    | { kind: 'restock'; order_id: string; quantity: number; ref: string }
    /** `create` inserts the document with 0 if it is missing; then the delta applies once by `ref`. */
    | {
        kind: 'adjust'
        delta: number
        ref: string
        reason: StockReason
        book: 'received' | 'adjusted'
        create: boolean
      }
    | { kind: 'threshold'; low_stock_threshold: number; ref: string; create: boolean }
  )

/**
 * `done`: applied now. `already`: applied earlier, or nothing to do. `settled`: a tombstone says that the order
 * is over. `short`: too little, with what is left (a restock of more than was sold: with what was sold).
 * `full`: too many open reservations, try later. `missing`: no such document; a release leaves its tombstone
 * all the same, and a reserve answers `short` with 0.
 */
export type StockVerdict =
  | { result: 'done' | 'already'; level: StockLevel }
  | { result: 'settled' }
  | { result: 'short'; available: number }
  | { result: 'full' }
  | { result: 'frozen' }
  | { result: 'missing' }

/** Open reservations that one stock document takes. */
export const MAX_OPEN_RESERVATIONS = 10_000
/** What a driver read may be this old, in milliseconds, before it drops its work. */
export const MAX_READING_AGE_MS = 30_000
export const DEFAULT_LOW_STOCK_THRESHOLD = 5

/** A stock document as it begins. */
export function emptyLevel({ product_id, sku }: StockKey): StockLevel {
  return {
    product_id,
    sku,
    received: 0,
    adjusted: 0,
    available: 0,
    reserved: 0,
    sold: 0,
    low_stock_threshold: DEFAULT_LOW_STOCK_THRESHOLD,
    frozen: false,
    version: 0,
  }
}

/** The balances after an operation that may be applied; every engine computes these. */
export function moved(level: StockLevel, operation: StockOperation): StockLevel {
  const next = { ...level, version: level.version + 1 }
  switch (operation.kind) {
    case 'reserve':
      next.available -= operation.quantity
      next.reserved += operation.quantity
      break
    case 'release':
      next.available += operation.quantity
      next.reserved -= operation.quantity
      break
    case 'commit':
      next.reserved -= operation.quantity
      next.sold += operation.quantity
      break
    case 'restock':
      next.sold -= operation.quantity
      next.available += operation.quantity
      break
    case 'adjust':
      next[operation.book] += operation.delta
      next.available += operation.delta
      break
    case 'threshold':
      next.low_stock_threshold = operation.low_stock_threshold
  }
  return next
}

/** The event of a change; `before` is null when the operation made the document. */
export function stockEvent(
  operation: StockOperation,
  before: StockLevel | null,
  after: StockLevel,
): EventDraft<StockChange> {
  const { product_id, sku, received, adjusted, available, reserved, sold, low_stock_threshold } = after
  return draftOf('stock_changed', 'ecommerce-inventory', {
    id: operation.event_id,
    subject: `stock/${product_id}/${sku}`,
    key: product_id,
    at: operation.at,
    actor: operation.actor,
    ...(operation.origin !== undefined && { origin: operation.origin }),
    data: {
      product_id,
      sku,
      movement: operation.kind,
      quantity: signedQuantity(operation),
      ...('order_id' in operation && { order_id: operation.order_id }),
      ...('ref' in operation && { ref: operation.ref }),
      ...('reason' in operation && { reason_code: operation.reason }),
      received,
      adjusted,
      available,
      available_before: before?.available ?? 0,
      reserved,
      sold,
      on_hand: available + reserved,
      low_stock_threshold,
      low: isLow(after),
      low_before: before !== null && isLow(before),
    },
  })
}

function signedQuantity(operation: StockOperation): number {
  if (operation.kind === 'threshold') return 0
  if (operation.kind === 'adjust') return operation.delta
  return operation.kind === 'reserve' || operation.kind === 'commit'
    ? -operation.quantity
    : operation.quantity
}

function isLow(level: StockLevel): boolean {
  return level.available < level.low_stock_threshold
}
