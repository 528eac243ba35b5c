import type { Catalog } from '../catalog/catalog.ts'
import { type Inventory, stockKey } from '../inventory/inventory.ts'
import { isLine, type LineKey } from './rules.ts'
import type { Sellable } from './schema.ts'
import type { Surroundings } from './view-rules.ts'

interface Needs {
  catalog: Pick<Catalog, 'sellables'>
  inventory: Pick<Inventory, 'levels'>
  currency: string
}

export interface AroundOptions {
  uncapped: boolean
  /** What was read a moment ago for the line that changes. */
  known?: Sellable | undefined
}

/** What the catalogue and the inventory say of the lines of a cart. */
export function createPricing({ catalog, inventory, currency }: Needs) {
  return async function around(
    lines: readonly LineKey[],
    { uncapped, known }: AroundOptions,
  ): Promise<Surroundings> {
    const keys = lines.map(({ product_id, sku }) => ({ product_id, sku }))
    const unread = known ? keys.filter((key) => !isLine(key, known)) : keys
    const [read, levels] = await Promise.all([catalog.sellables(unread), inventory.levels(keys)])
    const answers = read.values()
    const sellables = keys.map((key) =>
      known && isLine(key, known) ? { ok: true as const, sellable: known } : answers.next().value!,
    )
    return { sellables, levels: keys.map((key) => levels.get(stockKey(key))), currency, uncapped }
  }
}
