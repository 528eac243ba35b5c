import { type Static, Type } from 'typebox'
import { Money } from '../../kernel/money.ts'
import { MAX_LINE_QUANTITY } from '../carts/schema.ts'
import { ProductCard } from '../catalog/schema.ts'

const closed = { additionalProperties: false } as const
const ProductId = Type.String({ minLength: 1, maxLength: 64 })
const Sku = Type.String({ minLength: 1, maxLength: 64 })
const orNull = <Schema extends ReturnType<typeof Type.String> | typeof Money | typeof ProductCard>(
  schema: Schema,
) => Type.Union([schema, Type.Null()])

export const NewWish = Type.Object(
  {
    product_id: ProductId,
    sku: Type.Optional(Type.String({ ...Sku, description: 'Where one form of the product is meant' })),
  },
  closed,
)
export type NewWish = Static<typeof NewWish>

export const WishParams = Type.Object({ product_id: ProductId }, closed)

export const MoveToCart = Type.Object(
  {
    quantity: Type.Optional(
      Type.Integer({ minimum: 1, maximum: MAX_LINE_QUANTITY, description: 'Pieces; 1, if left out' }),
    ),
    sku: Type.Optional(
      Type.String({ ...Sku, description: 'Where the product has more than one and the wish names none' }),
    ),
  },
  closed,
)
export type MoveToCart = Static<typeof MoveToCart>

export const WishChange = Type.Object(
  {
    code: Type.Enum(['price_dropped', 'price_raised', 'back_in_stock', 'out_of_stock', 'gone']),
    message: Type.String(),
  },
  closed,
)
export type WishChange = Static<typeof WishChange>

const now = {
  product_id: Type.String(),
  sku: orNull(Type.String()),
  price: Type.Union([Money, Type.Null()], { description: 'Now; null when it is no longer sold' }),
  available: Type.Integer({ description: 'Shoppers see 10 for 10 or more' }),
  product: Type.Union([ProductCard, Type.Null()], { description: 'null when it is no longer sold' }),
}

export const WishView = Type.Object(
  {
    ...now,
    added_at: Type.String({ format: 'date-time' }),
    added_price: Money,
    added_available: Type.Integer(),
    changes: Type.Array(WishChange, { description: 'Since it was added' }),
  },
  closed,
)
export type WishView = Static<typeof WishView>

/** What others see through a link: goods, and nothing of whose wishes they are. */
export const SharedWishView = Type.Object({ ...now, price: Money, product: ProductCard }, closed)
export type SharedWishView = Static<typeof SharedWishView>

const next_cursor = orNull(Type.String())

export const WishlistView = Type.Object(
  {
    items: Type.Array(WishView),
    next_cursor,
    total: Type.Optional(Type.Object({ value: Type.Integer(), relation: Type.Enum(['eq', 'gte']) }, closed)),
    shared_since: Type.Union([Type.String({ format: 'date-time' }), Type.Null()], {
      description: 'Since when there is a link by which others read it',
    }),
  },
  closed,
)

export const SharedWishlistView = Type.Object(
  {
    items: Type.Array(SharedWishView, { description: 'What is no longer sold is left out' }),
    next_cursor,
  },
  closed,
)

export const ShareLink = Type.Object(
  {
    token: Type.String({ description: 'Told once; the shop keeps only a hash of it' }),
    path: Type.String(),
    created_at: Type.String({ format: 'date-time' }),
  },
  closed,
)
export type ShareLink = Static<typeof ShareLink>
