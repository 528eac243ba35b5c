import type { Catalog } from '../catalog/catalog.ts'
import { type Inventory, stockKey } from '../inventory/inventory.ts'
import type { LineKey } from './rules.ts'
import type { Surroundings } from './view-rules.ts'

interface Needs {
  catalog: Pick<Catalog, 'sellables'>
  inventory: Pick<Inventory, 'levels'>
  currency: string
}

/** What the catalogue and the inventory say of the lines of a cart. */
export function createPricing({ catalog, inventory, currency }: Needs) {
  return async function around(
    lines: readonly LineKey[],
    { uncapped }: { uncapped: boolean },
  ): Promise<Surroundings> {
    const keys = lines.map(({ product_id, sku }) => ({ product_id, sku }))
    const [sellables, levels] = await Promise.all([catalog.sellables(keys), inventory.levels(keys)])
    return { sellables, levels: keys.map((key) => levels.get(stockKey(key))), currency, uncapped }
  }
}
