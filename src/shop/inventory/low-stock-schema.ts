import { type Static, Type } from 'typebox'
import type { CollectionDefinition, New, Stored } from '../../storage/storage.ts'

export type { New }

/** A SKU that was low once; the id is `prd_…/SKU`. What it has now is read from its stock. */
export interface LowStock extends Stored {
  product_id: string
  sku: string
  /** Of the last event that was looked at: an older one changes nothing. */
  sequence: number
  /** The smaller the more urgent; absent while there is enough. */
  rank?: number
}

export const LOW_STOCK: CollectionDefinition<LowStock> = {
  name: 'low_stock',
  indexes: { rank: { fields: ['rank'] } },
}

const closed = { additionalProperties: false } as const

export const LowStockItem = Type.Object(
  {
    product_id: Type.String(),
    sku: Type.String(),
    name: Type.String(),
    status: Type.String({ description: 'Of the product' }),
    on_hand: Type.Integer(),
    reserved: Type.Integer(),
    available: Type.Integer(),
    low_stock_threshold: Type.Integer(),
  },
  closed,
)
export type LowStockItem = Static<typeof LowStockItem>

export const LowStockPage = Type.Object(
  { items: Type.Array(LowStockItem), next_cursor: Type.Union([Type.String(), Type.Null()]) },
  closed,
)
