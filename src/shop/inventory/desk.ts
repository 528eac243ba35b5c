import { Refusal } from '../../kernel/errors.ts'
import { DEFAULT_LOW_STOCK_THRESHOLD } from '../../storage/stock.ts'
import type { Inventory } from './inventory.ts'
import type { MovementPosition } from './movements.ts'
import { impliedSku, stockItem } from './rules.ts'
import type { MovementView, StockChangeRequest, StockItem } from './schema.ts'

export interface StockDeskOptions {
  inventory: Pick<Inventory, 'ofProducts' | 'change' | 'movements'>
  /** Every SKU of a product, also of an archived one; undefined when there is no such product. */
  skusOf(product_id: string): Promise<readonly string[] | undefined>
}

export interface StockDeskView {
  items: StockItem[]
  movements?: { items: MovementView[]; next: MovementPosition | null }
}

export type StockDesk = ReturnType<typeof createStockDesk>

/** The stock of a product as staff see and change it. */
export function createStockDesk({ inventory, skusOf }: StockDeskOptions) {
  async function look(
    product_id: string,
    movements?: { limit: number; after?: MovementPosition },
  ): Promise<StockDeskView> {
    const items = await itemsOf(product_id, await knownSkus(product_id))
    if (!movements) return { items }
    return { items, movements: await inventory.movements({ product_id, ...movements }) }
  }

  /** Changes one SKU and shows them all. */
  async function change(input: {
    product_id: string
    request: StockChangeRequest
    operation_id: string
    actor: string
  }): Promise<StockDeskView> {
    const { product_id, request } = input
    const skus = await knownSkus(product_id)
    await inventory.change({ ...input, sku: impliedSku(skus, request.sku) })
    return { items: await itemsOf(product_id, skus) }
  }

  async function knownSkus(product_id: string): Promise<readonly string[]> {
    const skus = await skusOf(product_id)
    if (!skus) throw new Refusal('not_found', 'product_not_found', 'There is no such product.')
    return skus
  }

  async function itemsOf(product_id: string, skus: readonly string[]): Promise<StockItem[]> {
    const levels = new Map((await inventory.ofProducts([product_id])).map((level) => [level.sku, level]))
    // A SKU that the product no longer has is shown while something of it is left or reserved.
    const leftOver = [...levels.values()].filter(
      ({ sku, available, reserved }) => !skus.includes(sku) && available + reserved > 0,
    )
    return [...skus, ...leftOver.map(({ sku }) => sku)].map((sku) =>
      stockItem(sku, levels.get(sku), DEFAULT_LOW_STOCK_THRESHOLD),
    )
  }

  return { look, change }
}
