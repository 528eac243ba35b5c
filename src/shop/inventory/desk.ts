import { Refusal } from '../../kernel/errors.ts'
import { DEFAULT_LOW_STOCK_THRESHOLD } from '../../storage/stock.ts'
import type { Inventory } from './inventory.ts'
import type { MovementPosition } from './movements.ts'
import { impliedSku, stockItem } from './rules.ts'
import type { MovementView, StockChangeRequest, StockItem } from './schema.ts'

export interface StockDeskOptions {
  inventory: Pick<Inventory, 'ofProducts' | 'change' | 'movements'>
  /** A product by id or slug with every SKU, also an archived one; undefined when there is no such product. */
  skusOf(key: string): Promise<StockedProduct | undefined>
}

/** The books are kept under the id, however the product was named. */
export interface StockedProduct {
  id: string
  skus: readonly string[]
}

export interface StockDeskView {
  items: StockItem[]
  movements?: { items: MovementView[]; next: MovementPosition | null }
}

export type StockDesk = ReturnType<typeof createStockDesk>

/** The stock of a product as staff see and change it. */
export function createStockDesk({ inventory, skusOf }: StockDeskOptions) {
  async function look(
    product: StockedProduct,
    movements?: { limit: number; after?: MovementPosition },
  ): Promise<StockDeskView> {
    const items = await itemsOf(product)
    if (!movements) return { items }
    return { items, movements: await inventory.movements({ product_id: product.id, ...movements }) }
  }

  /** Changes one SKU and shows them all. */
  async function change(input: {
    product: StockedProduct
    request: StockChangeRequest
    operation_id: string
    actor: string
  }): Promise<StockDeskView> {
    const { product, ...wish } = input
    const sku = impliedSku(product.skus, wish.request.sku)
    await inventory.change({ ...wish, product_id: product.id, sku })
    return { items: await itemsOf(product) }
  }

  /** By id or slug. Throws `product_not_found`. */
  async function demand(key: string): Promise<StockedProduct> {
    const product = await skusOf(key)
    if (!product) throw new Refusal('not_found', 'product_not_found', 'There is no such product.')
    return product
  }

  async function itemsOf({ id, skus }: StockedProduct): Promise<StockItem[]> {
    const levels = new Map((await inventory.ofProducts([id])).map((level) => [level.sku, level]))
    // A SKU that the product no longer has is shown while something of it is left or reserved.
    const leftOver = [...levels.values()].filter(
      ({ sku, available, reserved }) => !skus.includes(sku) && available + reserved > 0,
    )
    return [...skus, ...leftOver.map(({ sku }) => sku)].map((sku) =>
      stockItem(sku, levels.get(sku), DEFAULT_LOW_STOCK_THRESHOLD),
    )
  }

  return { demand, look, change }
}
