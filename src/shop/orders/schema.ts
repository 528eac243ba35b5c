import type { RefusalKind } from '../../kernel/errors.ts'
import type { CollectionDefinition, Stored } from '../../storage/storage.ts'
import type { Address } from './address-schema.ts'
import type { Payment } from './payment-schema.ts'
import type { OrderReturn } from './return-schema.ts'
import type { OrderStatus, OrderStep } from './status-schema.ts'

export type { IndexValue, ListQuery, New } from '../../storage/storage.ts'
export { EVENTS } from './events-schema.ts'
export type { PaymentWork } from './payment-schema.ts'

export const MAX_ORDER_LINES = 500
export const MAX_LINE_QUANTITY = 100_000
export const MAX_NOTE_LENGTH = 1_000
/** 500 lines need more room than other bodies. */
export const ORDER_BODY_BYTES = 256 * 1024
/** A driver that says nothing for so long is taken for dead. */
export const LEASE_MS = 5_000
/** No lease and no pause ends later from now: one that seems to is from before the clock was put back, and is void. */
export const LONGEST_WAIT_MS = 2 * 60_000
/** How long a repeated request waits for the first one. */
export const REPLAY_WAIT_MS = 10_000

/** Whose the imported orders are that came without a customer. */
export const NOBODY = 'nobody'

export const PAYMENT_METHODS = ['card', 'cash_on_delivery'] as const
export type PaymentMethod = (typeof PAYMENT_METHODS)[number]

export const PAYMENT_STATUSES = [
  'unpaid',
  'processing',
  'paid',
  'failed',
  'partially_refunded',
  'refunded',
] as const
export type PaymentStatus = (typeof PAYMENT_STATUSES)[number]

/** A line as it was sold. Amounts are minor units of the order's currency. */
export interface OrderLine {
  product_id: string
  sku: string
  name: string
  options: Record<string, string>
  quantity: number
  unit_price: number
  line_total: number
  /** The state of the product that the price was read from. */
  product_version: number
}

/** The state that the order had after a change; what it was before is in the entry before. */
export interface HistoryEntry {
  step: OrderStep
  status: OrderStatus
  at: string
  /** Id of who did it, or `system`. */
  by: string
  note?: string
  /** Where `by` is staff and not the customer: such notes are for staff alone. */
  staff?: true
}

/** What the protocol cannot settle by itself. */
export type Trouble = 'payment_mismatch' | 'payment_stuck' | 'refund_failed' | 'moved_elsewhere'

/** An order that a human should look at, and why. */
export interface TroubledOrder {
  order_id: string
  number: string
  why: Trouble | 'payment_unknown' | 'order_stuck'
  since: string
}

export type CancelReason = 'out_of_stock' | 'unavailable' | 'expired' | 'superseded' | 'customer' | 'staff'

/** What the request was answered, for its repeats. */
export type OrderResult =
  /** The order as it was after so many entries of its history, at this version, and until when it was held for a card. */
  | { kind: 'placed'; entries: number; version: number; at: string; expires_at?: string }
  | { kind: 'refused'; refusal: StoredRefusal }

export interface StoredRefusal {
  kind: RefusalKind
  code: string
  message: string
  extra?: Record<string, unknown>
}

export interface Tracking {
  carrier?: string
  number: string
  url?: string
}

/** One per checkout; at the same time the record of its Idempotency-Key and the only coordinator of the protocol. */
export interface Order extends Stored {
  number: string
  /** Its id in the shop that it was imported from. */
  external_id?: string
  user_id: string
  idem?: { key: string; fingerprint: string }
  /** `cart@version`: unique, so that one state of a cart becomes one order. */
  cart_claim?: string
  lines: OrderLine[]
  currency: string
  subtotal: number
  shipping: number
  /** Added to the prices. */
  tax: number
  /** Contained in the prices. Absent in orders of before the shop told of tax. */
  tax_included?: number
  tax_rate_ppm?: number
  discount: number
  total: number
  shipping_address?: Address
  billing_address?: Address
  note?: string
  tracking?: Tracking
  payment_method: PaymentMethod
  payment_status: PaymentStatus
  /** Of an order by card. */
  payment?: Payment
  /** Oldest first. */
  returns?: OrderReturn[]
  /** Until when it is held for a customer who has not paid; there as long as it is. */
  expires_at?: string
  session_id?: string
  anonymous_id?: string
  step: OrderStep
  status: OrderStatus
  /** Creation time, there from RESERVED on: an order without it is in no list and answers 404. */
  placed_at?: string
  /** There while something is left to do. */
  lease?: { owner: string; until: number }
  /** A cancel that came between CONFIRMED and COMMITTED. */
  cancel_requested?: { at: string; by: string; note?: string; staff?: true }
  /** There while a human should look; a note by staff takes it away. */
  attention?: {
    at: string
    why: Trouble
    /** The operation that it is about: with its end it goes. */
    operation?: string
  }
  cancel_reason?: CancelReason
  /** The request that cancelled it, so that its repeat is not refused. */
  cancel_operation?: string
  result?: OrderResult
  history: HistoryEntry[]
}

export const ORDERS: CollectionDefinition<Order> = {
  name: 'orders',
  indexes: {
    idem: { fields: ['user_id', 'idem.key'], unique: true },
    cart_claim: { fields: ['cart_claim'], unique: true },
    number: { fields: ['number'], unique: true },
    external: { fields: ['external_id'], unique: true },
    placed: { fields: ['placed_at'] },
    by_user: { fields: ['user_id', 'placed_at'] },
    owner: { fields: ['user_id', 'created_at'] },
    by_status: { fields: ['status', 'placed_at'] },
    unsettled: { fields: ['lease.until'] },
    expiring: { fields: ['expires_at'] },
    held: { fields: ['user_id', 'expires_at'] },
    attention: { fields: ['attention.at'] },
  },
}
