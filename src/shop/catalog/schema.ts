import { type Static, Type } from 'typebox'
import { Money } from '../../kernel/money.ts'
import type { CollectionDefinition, Stored } from '../../storage/storage.ts'
import { listingRow } from './card-schema.ts'
import { ImageView, type ProductImage } from './image-schema.ts'

export const MAX_NAME = 200
/** As long as a parameter of a path may be. */
export const MAX_SLUG = 64
/** The address of the export stands where that of a product with this slug would. */
export const RESERVED_SLUG = 'export'
export const MAX_SKU = 64
export const MAX_DESCRIPTION = 20_000
export const MAX_VARIANTS = 250
export const MAX_OPTIONS = 5
export const MAX_OPTION_VALUES = 250
export const MAX_TAGS = 50
export const MAX_ATTRIBUTES = 50
export const MAX_PRODUCT_CATEGORIES = 20
/** Pieces of one SKU; far below what could not be counted exactly. */
export const MAX_STOCK = 1_000_000_000
/** Shoppers see this as "10 or more". */
export const SHOPPER_AVAILABLE_CAP = 10
/** Room for the largest number of variants with a description. */
export const PRODUCT_BODY_BYTES = 256 * 1024

/** Minor units; 100,000 pieces of it can still be counted exactly. */
export const MAX_PRICE = 10_000_000_000

const closed = { additionalProperties: false } as const

export const PRODUCT_STATUSES = ['draft', 'active', 'archived'] as const
export const ProductStatus = Type.Enum([...PRODUCT_STATUSES])
export type ProductStatus = (typeof PRODUCT_STATUSES)[number]

/** No slash or space: a SKU stands in paths and in ids of stock. */
export const Sku = Type.String({
  pattern: '^[A-Za-z0-9][A-Za-z0-9._+#:-]*$',
  maxLength: MAX_SKU,
  description: 'Letters, digits and . _ + # : -, as LANTERN-W',
})
export const Slug = Type.String({
  pattern: `^(?!${RESERVED_SLUG}$)[a-z0-9]+(-[a-z0-9]+)*$`,
  maxLength: MAX_SLUG,
  description: 'Small letters and digits, with single hyphens between them, as garden-lantern',
})
const Price = Type.Object(
  { ...Money.properties, amount: Type.Integer({ minimum: 0, maximum: MAX_PRICE }) },
  { ...closed, description: 'In minor units, such as cents' },
)
const Name = Type.String({ minLength: 1, maxLength: MAX_NAME, pattern: '\\S' })
const Label = Type.String({ minLength: 1, maxLength: 100, pattern: '\\S' })
const Stock = Type.Integer({ minimum: 0, maximum: MAX_STOCK })
export const ATTRIBUTE_NAME = '^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$'

const AttributeValue = Type.Union([Type.String({ maxLength: MAX_NAME }), Type.Number(), Type.Boolean()])
export const Attributes = Type.Record(Type.String({ pattern: ATTRIBUTE_NAME }), AttributeValue, {
  maxProperties: MAX_ATTRIBUTES,
  additionalProperties: false,
})

const OptionValues = Type.Record(Type.String({ minLength: 1, maxLength: 100 }), Label, {
  maxProperties: MAX_OPTIONS,
})

export const ProductOption = Type.Object(
  { name: Label, values: Type.Array(Label, { minItems: 1, maxItems: MAX_OPTION_VALUES, uniqueItems: true }) },
  closed,
)
export type ProductOption = Static<typeof ProductOption>

export const VariantInput = Type.Object(
  {
    sku: Sku,
    options: OptionValues,
    price: Type.Optional(Type.Union([Price, Type.Null()])),
    stock: Type.Optional(Stock),
  },
  closed,
)
export type VariantInput = Static<typeof VariantInput>

const changeable = {
  name: Name,
  price: Price,
  sku: Type.Optional(Sku),
  slug: Type.Optional(Slug),
  description: Type.Optional(Type.String({ maxLength: MAX_DESCRIPTION })),
  category_ids: Type.Optional(
    Type.Array(Type.String({ maxLength: 40 }), { maxItems: MAX_PRODUCT_CATEGORIES, uniqueItems: true }),
  ),
  tags: Type.Optional(Type.Array(Label, { maxItems: MAX_TAGS, uniqueItems: true })),
  attributes: Type.Optional(Attributes),
  compare_at_price: Type.Optional(Type.Union([Price, Type.Null()])),
  status: Type.Optional(ProductStatus),
  stock: Type.Optional(Stock),
  options: Type.Optional(Type.Array(ProductOption, { maxItems: MAX_OPTIONS })),
  variants: Type.Optional(Type.Array(VariantInput, { maxItems: MAX_VARIANTS })),
}

export const NewProduct = Type.Object(changeable, closed)
export type NewProduct = Static<typeof NewProduct>

/** PUT and PATCH alike: the fields to change. */
export const ProductChange = Type.Object(
  { ...changeable, name: Type.Optional(Name), price: Type.Optional(Price) },
  { ...closed, minProperties: 1 },
)
export type ProductChange = Static<typeof ProductChange>

export interface Variant {
  sku: string
  options: Record<string, string>
  /** Null: the product's. */
  price: Money | null
}

export interface PendingStock {
  sku: string
  set: number
  ref: string
}

export interface Product extends Stored {
  slug: string
  name: string
  description: string
  price: Money
  compare_at_price: Money | null
  category_ids: string[]
  tags: string[]
  attributes: Record<string, string | number | boolean>
  status: ProductStatus
  /** What `restore` goes back to. */
  archived_from?: ProductStatus
  options: ProductOption[]
  /** Empty when the product is sold in one form only. */
  variants: Variant[]
  /** Every SKU under which it is sold; unique among all products, archived ones too. */
  skus: string[]
  /** In their order; absent when there never was one. */
  images?: ProductImage[]
  /** Stock that the commit promised and that is not yet applied. */
  pending_stock?: PendingStock[]
  /** Who promised it. */
  pending_actor?: string
  /** There while `pending_stock` is. */
  pending_since?: string
}

/** What people edit of a product. */
export type ProductFields = Omit<Product, keyof Stored>

export const PRODUCTS: CollectionDefinition<Product> = {
  name: 'products',
  indexes: {
    slug: { fields: ['slug'], unique: true },
    skus: { fields: ['skus'], unique: true, multi: true },
    by_status: { fields: ['status', 'created_at'] },
    by_category: { fields: ['category_ids', 'status'], multi: true },
    pending: { fields: ['pending_since'] },
  },
  listing: listingRow,
}

export const Rating = Type.Object({ average: Type.Number(), count: Type.Integer() }, closed)

const stamps = {
  version: Type.Integer(),
  created_at: Type.String({ format: 'date-time' }),
  updated_at: Type.String({ format: 'date-time' }),
}

export const ProductView = Type.Object(
  {
    id: Type.String(),
    ...stamps,
    slug: Type.String(),
    sku: Type.Union([Type.String(), Type.Null()], { description: 'When it has one only' }),
    name: Type.String(),
    description: Type.String(),
    price: Money,
    compare_at_price: Type.Union([Money, Type.Null()]),
    category_ids: Type.Array(Type.String()),
    tags: Type.Array(Type.String()),
    attributes: Type.Record(Type.String(), AttributeValue),
    status: ProductStatus,
    images: Type.Array(ImageView),
    options: Type.Array(ProductOption),
    variants: Type.Array(
      Type.Object(
        {
          sku: Type.String(),
          options: Type.Record(Type.String(), Type.String()),
          price: Money,
          available: Type.Integer(),
        },
        closed,
      ),
    ),
    available: Type.Integer({ description: 'Over all SKUs; shoppers see 10 for 10 or more' }),
    rating: Rating,
  },
  closed,
)
export type ProductView = Static<typeof ProductView>

/** A product as lists show it. */
export const ProductCard = Type.Object(
  {
    id: Type.String(),
    ...stamps,
    slug: Type.String(),
    sku: Type.Union([Type.String(), Type.Null()]),
    name: Type.String(),
    price: Money,
    compare_at_price: Type.Union([Money, Type.Null()]),
    category_ids: Type.Array(Type.String()),
    tags: Type.Array(Type.String()),
    status: ProductStatus,
    images: Type.Array(ImageView, { description: 'The first one' }),
    variant_count: Type.Integer(),
    available: Type.Integer(),
    rating: Rating,
  },
  closed,
)
export type ProductCard = Static<typeof ProductCard>

/** What carts and orders need of a SKU. */
export interface Sellable {
  product_id: string
  sku: string
  slug: string
  name: string
  /** The product's first one. */
  image: ImageView | null
  options: Record<string, string>
  price: Money
  product_version: number
}

export type SellableAnswer =
  | { ok: true; sellable: Sellable }
  | { ok: false; reason: 'gone' | 'not_for_sale' | 'free' | 'sku_required' | 'unknown_sku' }

export { CATALOG_EVENTS as EVENTS } from './events-schema.ts'
export { ImageView } from './image-schema.ts'
