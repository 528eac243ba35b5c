import { Type } from 'typebox'
import { defineEvent } from '../../kernel/event-type.ts'
import { Money } from '../../kernel/money.ts'

const closed = { additionalProperties: false } as const
const Status = Type.Enum(['draft', 'active', 'archived'])

/** The product after the change, as far as consumers need it. */
const productState = {
  product_id: Type.String(),
  /** Orders name the version whose prices they were made with. */
  version: Type.Integer(),
  slug: Type.String(),
  status: Status,
  price: Money,
  skus: Type.Array(Type.Object({ sku: Type.String(), price: Money }, closed)),
  category_ids: Type.Array(Type.String()),
}

/** What the change took away, of the fields that it changed. */
const before = Type.Optional(
  Type.Object(
    {
      slug: Type.Optional(Type.String()),
      status: Type.Optional(Status),
      price: Type.Optional(Money),
      skus: Type.Optional(productState.skus),
      category_ids: Type.Optional(productState.category_ids),
    },
    closed,
  ),
)
const productChange = { ...productState, from_status: Status, changed: Type.Array(Type.String()), before }

const categoryState = {
  category_id: Type.String(),
  slug: Type.String(),
  parent_id: Type.Union([Type.String(), Type.Null()]),
  position: Type.Integer(),
  name: Type.String(),
}

export const ProductCreated = defineEvent(
  'product_created',
  'ecommerce-inventory',
  Type.Object(productState, closed),
)

export const ProductUpdated = defineEvent(
  'product_updated',
  'ecommerce-inventory',
  Type.Object(productChange, closed),
)

/** Archived: gone for shoppers, kept for orders. */
export const ProductDeleted = defineEvent(
  'product_deleted',
  'ecommerce-inventory',
  Type.Object(productChange, closed),
)

export const CategoryCreated = defineEvent(
  'category_created',
  'ecommerce-inventory',
  Type.Object(categoryState, closed),
)

export const CategoryUpdated = defineEvent(
  'category_updated',
  'ecommerce-inventory',
  Type.Object({ ...categoryState, changed: Type.Array(Type.String()) }, closed),
)

export const CategoryDeleted = defineEvent(
  'category_deleted',
  'ecommerce-inventory',
  Type.Object(categoryState, closed),
)

export const CATALOG_EVENTS = [
  ProductCreated,
  ProductUpdated,
  ProductDeleted,
  CategoryCreated,
  CategoryUpdated,
  CategoryDeleted,
]
