import { type Static, Type } from 'typebox'
import { Money } from '../../kernel/money.ts'
import type { CollectionDefinition, Stored } from '../../storage/storage.ts'
import { ImageView } from '../catalog/schema.ts'

export type { StockLevel } from '../../storage/stock.ts'
export type { Sellable, SellableAnswer } from '../catalog/schema.ts'

/** Carts tell no event: the clickstream comes from the storefront, the order brings its own lines. */
export const EVENTS = []

export const MAX_CART_LINES = 500
export const MAX_LINE_QUANTITY = 100_000
/** Guest carts that a cart remembers to have taken, so that each counts once. */
export const MAX_MERGED = 300
/** Idempotency keys that a cart remembers. */
export const MAX_CART_KEYS = 100
/** What merging cut off and the shopper has not seen yet. */
export const MAX_CUT_LINES = 500
export const GUEST_CART_IDLE_DAYS = 30
/** Shoppers see at most this as available; 10 means 10 or more. */
export const SHOPPER_AVAILABLE_CAP = 10

const closed = { additionalProperties: false } as const
const Quantity = { maximum: MAX_LINE_QUANTITY, description: 'Pieces' }
const ProductId = Type.String({ minLength: 1, maxLength: 64 })
const Sku = Type.String({ minLength: 1, maxLength: 64 })

export const NewCartItem = Type.Object(
  {
    product_id: ProductId,
    sku: Type.Optional(Type.String({ ...Sku, description: 'Where the product has more than one' })),
    quantity: Type.Integer({ minimum: 1, ...Quantity }),
  },
  closed,
)
export type NewCartItem = Static<typeof NewCartItem>

export const CartItemChange = Type.Object(
  { quantity: Type.Integer({ minimum: 0, ...Quantity }), sku: Type.Optional(Sku) },
  closed,
)
export type CartItemChange = Static<typeof CartItemChange>

export const CartItemParams = Type.Object({ product_id: ProductId })
export const CartItemQuery = Type.Object({ sku: Type.Optional(Sku) }, closed)

export const CartWarning = Type.Object({
  code: Type.Enum(['price_changed', 'out_of_stock', 'insufficient_stock', 'gone', 'cut_off_by_merge']),
  message: Type.String(),
  /** Of `price_changed`: the price when it was added. */
  previous_unit_price: Type.Optional(Money),
  /** Of `cut_off_by_merge`: what did not fit. */
  product_id: Type.Optional(Type.String()),
  sku: Type.Optional(Type.String()),
  quantity: Type.Optional(Type.Integer()),
})
export type CartWarning = Static<typeof CartWarning>

export const CartItemView = Type.Object({
  product_id: Type.String(),
  sku: Type.String(),
  slug: Type.Union([Type.String(), Type.Null()], { description: 'null when it is no longer sold' }),
  name: Type.String(),
  image: Type.Union([ImageView, Type.Null()], { description: "The product's first one" }),
  options: Type.Record(Type.String(), Type.String()),
  quantity: Type.Integer(),
  unit_price: Type.Union([Money, Type.Null()], { description: 'Now; null when it is no longer sold' }),
  line_total: Type.Union([Money, Type.Null()]),
  available: Type.Integer({
    description: 'Shoppers see 10 for 10 or more; `warnings` go by all that is there',
  }),
  warnings: Type.Array(CartWarning),
})
export type CartItemView = Static<typeof CartItemView>

export const CartCharges = Type.Object({
  country: Type.String(),
  shipping: Money,
  tax: Type.Object(Money.properties, { ...closed, description: 'Added to the prices' }),
  tax_included: Type.Object(Money.properties, { ...closed, description: 'Contained in the prices' }),
  tax_rate_ppm: Type.Integer({ description: 'Millionths: 190000 is 19 %' }),
  total: Money,
})
export type CartCharges = Static<typeof CartCharges>

export const CartQuery = Type.Object(
  {
    country: Type.Optional(
      Type.String({
        pattern: '^[A-Z]{2}$',
        description: 'ISO 3166-1 alpha-2, as GB; adds what it costs to bring the cart there',
      }),
    ),
  },
  closed,
)

export const CartView = Type.Object({
  id: Type.Union([Type.String(), Type.Null()], { description: 'null before anything was added' }),
  version: Type.Integer(),
  created_at: Type.Union([Type.String(), Type.Null()]),
  updated_at: Type.Union([Type.String(), Type.Null()]),
  items: Type.Array(CartItemView),
  item_count: Type.Integer({ description: 'Pieces' }),
  subtotal: Money,
  charges: Type.Union([CartCharges, Type.Null()], { description: 'With `country`' }),
  warnings: Type.Array(CartWarning),
})
export type CartView = Static<typeof CartView>

export interface CartLine {
  product_id: string
  sku: string
  quantity: number
  /** Name and price when it was last added or set. */
  name: string
  price: Money
}

export interface Cart extends Stored {
  /** Id of the user, or `guest:` and the hash of the session. */
  owner: string
  lines: CartLine[]
  /** Ids of guest carts whose lines are in here, newest first. */
  merged: string[]
  /** Newest first: keys under which something was added, with the request's fingerprint and the version it made. */
  keys: string[]
  /** What merging could not take; there until the shopper changes the cart. */
  cut?: { product_id: string; sku: string; quantity: number }[]
  /** Of a guest's cart: the last day on which it was used. */
  used_on?: string
  /** Of a guest's cart on its way into this user's. */
  merging_into?: string
}

export const CARTS: CollectionDefinition<Cart> = {
  name: 'carts',
  indexes: {
    owner: { fields: ['owner'], unique: true },
    used_on: { fields: ['used_on'] },
    merging: { fields: ['merging_into'] },
  },
}
