import { Type } from 'typebox'
import { pagesOf } from '../../storage/list-all.ts'
import type { Collection } from '../../storage/storage.ts'
import { type Inventory, onHand } from '../inventory/inventory.ts'
import type { Categories } from './categories.ts'
import { rowOf } from './import-rules.ts'
import { type ExportKind, PRODUCT_COLUMNS, type ProductRow } from './import-schema.ts'
import type { Product } from './schema.ts'
import { productRows } from './table-rules.ts'

export interface ExportingNeeds {
  documents: Pick<Collection<Product>, 'list'>
  inventory: Pick<Inventory, 'ofProducts'>
  categories: Pick<Categories, 'known'>
}

/** A product may have 250 variants and a long description. */
const PAGE = 100

/** All products as rows that make them again, in the order of their slugs. */
export function createExporting({
  documents,
  inventory,
  categories,
}: ExportingNeeds): ExportKind<ProductRow> {
  async function rowsOf(products: readonly Product[]): Promise<ProductRow[]> {
    const [levels, isCategory] = await Promise.all([
      inventory.ofProducts(products.map(({ id }) => id)),
      categories.known([...new Set(products.flatMap(({ category_ids }) => category_ids))]),
    ])
    const stock = Map.groupBy(levels, ({ product_id }) => product_id)
    return products.map((product) => {
      const on_hand = new Map(stock.get(product.id)?.map((level) => [level.sku, onHand(level)]))
      return rowOf(product, on_hand, isCategory)
    })
  }

  return {
    query: Type.Object({}, { additionalProperties: false }),
    columns: PRODUCT_COLUMNS,
    tableOf: productRows,
    async *pages() {
      for await (const products of pagesOf(documents, { index: 'slug', limit: PAGE }))
        yield await rowsOf(products)
    },
  }
}
