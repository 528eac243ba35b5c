import { isRefusal } from '../../kernel/errors.ts'
import { withPrefix } from '../../kernel/ids.ts'
import type { Collection } from '../../storage/storage.ts'
import { type Inventory, onHand } from '../inventory/inventory.ts'
import { assertFindable, changeOf, newProductOf, skusIn } from './import-rules.ts'
import { type Applied, type ApplyBy, type ImportKind, ProductRow } from './import-schema.ts'
import type { Products } from './products.ts'
import { busy } from './refusal-rules.ts'
import type { Rehearsing } from './rehearsing.ts'
import type { Product, ProductChange } from './schema.ts'
import { PRODUCT_TABLE } from './table-rules.ts'

export interface ImportingNeeds {
  products: Pick<Products, 'create' | 'change'>
  rehearsing: Rehearsing
  documents: Pick<Collection<Product>, 'getBy'>
  inventory: Pick<Inventory, 'ofProducts'>
}

/** How often a row starts again because somebody else changed its product. */
const MAX_ATTEMPTS = 20

/** Products as imports bring them: found by any of their SKUs, changed where they are there, made where not. */
export function createImporting(needs: ImportingNeeds): ImportKind<ProductRow> {
  const { products, rehearsing, documents, inventory } = needs

  async function found(row: ProductRow): Promise<Product | undefined> {
    for (const sku of skusIn(row)) {
      const product = await documents.getBy('skus', [sku])
      if (product) return product
    }
    return undefined
  }

  async function create(row: ProductRow, by: ApplyBy): Promise<Applied> {
    const wanted = newProductOf(row)
    if (by.dry_run) {
      await rehearsing.create(wanted, by)
      return { result: 'created', id: null }
    }
    return { result: 'created', id: (await products.create(wanted, by)).id }
  }

  async function change(row: ProductRow, before: Product, by: ApplyBy): Promise<Applied> {
    const wanted = changeOf(row, before, await onHandOf(before.id))
    if (by.dry_run) {
      const changes = await rehearsing.change(before, wanted)
      return { result: changes ? 'updated' : 'unchanged', id: before.id }
    }
    const after = isEmpty(wanted)
      ? before
      : await products.change(before.id, wanted, { ...by, expected_version: before.version })
    return { result: after.version === before.version ? 'unchanged' : 'updated', id: before.id }
  }

  async function onHandOf(product_id: string): Promise<Map<string, number>> {
    const levels = await inventory.ofProducts([product_id])
    return new Map(levels.map((level) => [level.sku, onHand(level)]))
  }

  return {
    row: ProductRow,
    table: PRODUCT_TABLE,
    keyOf: (row) => skusIn(row)[0] ?? null,
    keysOf: (row) => [...skusIn(row), ...(row.slug === undefined ? [] : [`/${row.slug}`])],
    async apply(row, by) {
      assertFindable(row)
      for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
        const product = await found(row)
        // One that an earlier try of this row has made is made to its end.
        if (!product || product.id === withPrefix(by.operation_id, 'prd')) return create(row, by)
        try {
          return await change(row, product, by)
        } catch (error) {
          if (!isRefusal(error, 'version_moved')) throw error
        }
      }
      throw busy()
    },
  }
}

function isEmpty(change: ProductChange): boolean {
  return Object.keys(change).length === 0
}
