import { type Static, Type } from 'typebox'
import { defineEvent } from '../kernel/event-type.ts'
import { STOCK_REASONS } from './stock.ts'

const Quantity = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })

const StockChange = Type.Object(
  {
    product_id: Type.String(),
    sku: Type.String(),
    movement: Type.Enum(['reserve', 'release', 'commit', 'restock', 'adjust', 'threshold']),
    quantity: Type.Integer({
      description: 'Effect on what is available; of a commit on what is on hand; 0 for a threshold',
    }),
    order_id: Type.Optional(Type.String()),
    ref: Type.Optional(Type.String({ description: 'What makes an adjustment or a restock count once' })),
    reason_code: Type.Optional(Type.Enum([...STOCK_REASONS])),
    received: Type.Integer(),
    adjusted: Type.Integer(),
    available: Quantity,
    available_before: Quantity,
    reserved: Quantity,
    sold: Quantity,
    on_hand: Quantity,
    low_stock_threshold: Quantity,
    low: Type.Boolean({ description: 'Fewer available than the threshold' }),
    low_before: Type.Boolean({ description: 'false for a document that was not there' }),
  },
  { additionalProperties: false },
)
export type StockChange = Static<typeof StockChange>

/** Tells of every change of a stock document. Reasons are codes: no words of a person reach an event. */
export const stockChanged = defineEvent('stock_changed', 'ecommerce-inventory', StockChange)
