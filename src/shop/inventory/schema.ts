import { type Static, Type } from 'typebox'
import { STOCK_REASONS, type StockReason } from '../../storage/stock.ts'
import { stockChanged } from '../../storage/stock-event.ts'
import type { CollectionDefinition, Stored } from '../../storage/storage.ts'

export type {
  StockKey,
  StockLevel,
  StockReason,
  StockVerdict,
} from '../../storage/stock.ts'
export { type StockChange, stockChanged } from '../../storage/stock-event.ts'

/** The storage makes `stock_changed` with the change itself, so its schema lies with the port. */
export const EVENTS = [stockChanged]

export const MAX_STOCK_CHANGE = 1_000_000_000
export const MAX_REASON_LENGTH = 200
export const MAX_SKU_LENGTH = 64

const Sku = Type.String({ minLength: 1, maxLength: MAX_SKU_LENGTH })

/** What staff send to change the stock of one SKU. */
export const StockChangeRequest = Type.Object(
  {
    sku: Type.Optional(Type.String({ ...Sku, description: 'May be left out when the product has one SKU' })),
    delta: Type.Optional(
      Type.Integer({
        minimum: -MAX_STOCK_CHANGE,
        maximum: MAX_STOCK_CHANGE,
        description: 'Pieces that came or went',
      }),
    ),
    set: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: MAX_STOCK_CHANGE,
        description: 'Pieces on hand as counted, reserved ones included',
      }),
    ),
    reason: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: MAX_REASON_LENGTH,
        description: 'Kept in the ledger, never in an event',
      }),
    ),
    low_stock_threshold: Type.Optional(Type.Integer({ minimum: 0, maximum: MAX_STOCK_CHANGE })),
  },
  { additionalProperties: false },
)
export type StockChangeRequest = Static<typeof StockChangeRequest>

export const StockItem = Type.Object({
  sku: Type.String(),
  on_hand: Type.Integer(),
  reserved: Type.Integer(),
  available: Type.Integer(),
  low_stock_threshold: Type.Integer(),
})
export type StockItem = Static<typeof StockItem>

export const MovementView = Type.Object({
  id: Type.String(),
  sku: Type.String(),
  movement: stockChanged.data.properties.movement,
  quantity: Type.Integer(),
  on_hand: Type.Integer(),
  reserved: Type.Integer(),
  available: Type.Integer(),
  order_id: Type.Optional(Type.String()),
  reason_code: Type.Optional(Type.Enum([...STOCK_REASONS])),
  reason: Type.Optional(Type.String({ description: 'As staff wrote it' })),
  by: Type.String({ description: 'Id of who did it, or `system`' }),
  at: Type.String(),
})
export type MovementView = Static<typeof MovementView>

export const StockView = Type.Object({
  items: Type.Array(StockItem),
  movements: Type.Optional(Type.Array(MovementView)),
  next_cursor: Type.Optional(Type.Union([Type.String(), Type.Null()])),
})
export type StockView = Static<typeof StockView>

/** A wish of staff, kept before it is applied: so a `set` is the same delta however often it is repeated. */
export interface StockAdjustment extends Stored {
  product_id: string
  sku: string
  delta: number
  reason_code: StockReason
  /** Words of staff, for the ledger. */
  reason?: string
}

export const STOCK_ADJUSTMENTS: CollectionDefinition<StockAdjustment> = {
  name: 'stock_adjustments',
  indexes: {},
}

/** One entry of the ledger: what a `stock_changed` event told. The id is the event's under another prefix. */
export interface StockMovement extends Stored {
  product_id: string
  sku: string
  movement: MovementView['movement']
  quantity: number
  on_hand: number
  reserved: number
  available: number
  order_id?: string
  ref?: string
  reason_code?: StockReason
  by: string
}

export const STOCK_MOVEMENTS: CollectionDefinition<StockMovement> = {
  name: 'stock_movements',
  indexes: { product: { fields: ['product_id', 'created_at'] } },
}
