import type { Topic } from '../kernel/event.ts'
import type { RollUp } from './roll-ups.ts'
import type { StockKey, StockLevel } from './stock.ts'

/** What a shop takes along that the port does not show: the same from every engine, so that one can be moved to another. */

/** A stock document with all that lies beside it, oldest first. */
export interface ExportedStock extends StockKey {
  /** Null where only tombstones were left, before there was any stock. */
  level: StockLevel | null
  /** Its events so far. */
  sequence: number
  /** Open reservations. */
  reserved: { order_id: string; quantity: number; at: number }[]
  /** Tombstones. */
  settled: { order_id: string; at: number }[]
  /** Adjustments and restocks that were applied. */
  refs: { ref: string; at: number }[]
}

/** A roll-up document with the name it is kept under. */
export interface NamedRollUp extends RollUp {
  name: string
}

/** An entry of the outbox. */
export interface ExportedEntry {
  position: number
  topic: Topic
  /** Milliseconds of the commit. */
  at: number
  json: string
}
