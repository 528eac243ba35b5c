import { type Static, Type } from 'typebox'
import { ProductChange } from './schema.ts'

export type { Applied, ApplyBy, ExportKind, ImportKind, Table, TableRow } from '../jobs/schema.ts'

/** A row of an import: the fields of a product that are to be as they are here. */
export const ProductRow = Type.Object(ProductChange.properties, {
  additionalProperties: false,
  minProperties: 1,
})
export type ProductRow = Static<typeof ProductRow>

/** The columns of the table of products: what a row of NDJSON says, in cells. */
export const PRODUCT_COLUMNS = [
  'slug',
  'sku',
  'name',
  'description',
  'status',
  'currency',
  'price',
  'compare_at_price',
  'category_ids',
  'tags',
  'attributes',
  'options',
  'variant',
  'variant_price',
  'stock',
] as const
export type ProductColumn = (typeof PRODUCT_COLUMNS)[number]

/** Cells that belong to a variant; all others belong to the product. */
export const VARIANT_COLUMNS: readonly ProductColumn[] = ['sku', 'variant', 'variant_price', 'stock']
