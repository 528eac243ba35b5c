import type { Document } from 'mongodb'
import { emptyLevel, type StockKey, type StockLevel } from '../stock.ts'
import type { PendingEvent } from './engine.ts'
import type { IndexPlan } from './index-plan.ts'

export const STOCK = 'stock'

/**
 * What one stock document holds at most. Each change writes it anew, and MongoDB takes no more than 16 MB: with these it
 * stays below 4.
 */
export interface StockBounds {
  /** A reserve beyond them answers `full`. */
  open_reservations: number
  /**
   * The oldest give way. A tombstone is needed while a driver may still act on an old reading (30 s); one document
   * cannot settle so many orders in that time.
   */
  tombstones: number
  /**
   * Adjustments and restocks that are remembered: one each minute of the 8 days. They may not give way: one that is
   * forgotten would count twice.
   */
  refs: number
  /** Events that wait until they are moved to the outbox. */
  events: number
}

export const STOCK_BOUNDS: StockBounds = {
  open_reservations: 2_000,
  tombstones: 10_000,
  refs: 12_000,
  events: 500,
}

export interface StockDocument extends StockLevel {
  /** `prd_…/SKU`. */
  _id: string
  /** Counts its events. */
  sequence: number
  /** Length of `res`. */
  open: number
  /** Open reservations: order, quantity, ms, and the event that told of it, by which its writer knows it again. */
  res: { o: string; q: number; at: number; e: string }[]
  /** Tombstones of settled orders; without an event where there was nothing to settle. */
  done: { o: string; at: number; e?: string }[]
  /** Adjustments and restocks that were applied. */
  refs: { ref: string; at: number; e: string }[]
  /** The smallest `at` of `done` and `refs`, or less. */
  oldest?: number
  _outbox?: PendingEvent[]
  _pending?: number
}

/** A document that only holds tombstones has this version, and reads as missing. */
export const NO_VERSION = 0

/** What a stock document is read for, beside its tombstone. */
export const REAL: Document = { version: { $gt: NO_VERSION } }

export const STOCK_INDEXES: readonly IndexPlan[] = [
  { collection: STOCK, name: 'by_product', key: { product_id: 1 } },
  {
    collection: STOCK,
    name: 'by_open',
    key: { product_id: 1, sku: 1 },
    partialFilterExpression: { open: { $gt: 0 } },
  },
  { collection: STOCK, name: 'by_oldest', key: { oldest: 1 }, sparse: true },
  { collection: STOCK, name: 'by_pending', key: { _pending: 1 }, sparse: true },
]

export function stockId({ product_id, sku }: StockKey): string {
  return `${product_id}/${sku}`
}

const LEVEL_FIELDS = Object.keys(emptyLevel({ product_id: '', sku: '' })) as (keyof StockLevel)[]

/** The fields of a level in the order in which every engine has them. */
export const LEVEL_PROJECTION: Document = {
  _id: 0,
  ...Object.fromEntries(LEVEL_FIELDS.map((field) => [field, 1])),
}

export function toLevel(document: StockLevel): StockLevel {
  return Object.fromEntries(LEVEL_FIELDS.map((field) => [field, document[field]])) as unknown as StockLevel
}
