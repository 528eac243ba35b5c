/**
 * The stock operations: each one conditional update of one stock document (a product and a SKU), judged
 * alone, safe to repeat, and told by one `stock_changed` event. Protocol: docs/checkout.md, section 3.
 */
export interface StockOperations {
  /** In the order of `keys`; a missing one is left out and reads as 0. */
  getMany(keys: readonly StockKey[]): Promise<StockLevel[]>
  /** All SKUs of these products. */
  ofProducts(productIds: readonly string[]): Promise<StockLevel[]>
  /** One batch; verdicts in the order of the operations. */
  apply(operations: readonly StockOperation[]): Promise<StockVerdict[]>
  /** Open reservations in order of (sku key, order), for sweepers and audits. */
  reservations(after: { product_id: string; sku: string; order_id: string } | null, limit: number): Promise<Reservation[]>
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
}

export type StockOperation = StockOperationBase &
  (
    | { kind: 'reserve' | 'release' | 'commit'; order_id: string; quantity: number }
    | { kind: 'restock'; order_id: string; quantity: number; ref: string }
    /** `create` inserts the document with 0 if it is missing; then the delta applies once by `ref`. */
    | { kind: 'adjust'; delta: number; ref: string; reason: string; book: 'received' | 'adjusted'; create: boolean }
    | { kind: 'threshold'; low_stock_threshold: number; ref: string; create: boolean }
  )

/**
 * `done`: applied now. `already`: applied earlier, nothing to do. `settled`: a tombstone says that the order is
 * over. `short`: too little, with what is left. `full`: too many open reservations, try later.
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
