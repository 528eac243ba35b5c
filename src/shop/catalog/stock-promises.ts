import { isRefusal } from '../../kernel/errors.ts'
import type { Collection } from '../../storage/storage.ts'
import type { Inventory } from '../inventory/inventory.ts'
import { stockFrozen, stockReserved } from './refusal-rules.ts'
import type { Product } from './schema.ts'

/** Products of one pass of recovery. */
const RECOVERED_AT_ONCE = 500

interface Needs {
  products: Collection<Product>
  inventory: Pick<Inventory, 'applyPending'>
  /** Called after each acknowledged write of a product, before it is answered. */
  onWrite(id: string): void
}

export type StockPromises = ReturnType<typeof createStockPromises>

/** A product is committed with the stock that it promises; here the promise is kept. */
export function createStockPromises({ products, inventory, onWrite }: Needs) {
  /** Applies the stock that was committed with a product and clears the promise; may be repeated by anyone. */
  async function advance(product: Product): Promise<Product> {
    const { pending_stock, pending_actor, pending_since: _, ...settled } = product
    if (!pending_stock) return product
    const verdicts = await inventory.applyPending(product.id, pending_stock, pending_actor ?? 'system')
    onWrite(product.id)
    if (verdicts.some((verdict) => verdict.result === 'frozen')) throw stockFrozen()
    const after = await clear(settled)
    const short = pending_stock.filter((_, at) => verdicts[at]!.result === 'short').map(({ sku }) => sku)
    if (short.length > 0) throw stockReserved(short)
    return after
  }

  async function clear(settled: Product): Promise<Product> {
    try {
      return await products.replace(settled)
    } catch (error) {
      if (!isRefusal(error, 'version_moved')) throw error
      const now = await products.get(settled.id)
      return now ? advance(now) : settled
    } finally {
      onWrite(settled.id)
    }
  }

  /** Finishes what a crash left between a product and its stock. */
  async function recover(): Promise<void> {
    const { items } = await products.list({ index: 'pending', limit: RECOVERED_AT_ONCE })
    for (const product of items) {
      try {
        await advance(product)
      } catch (error) {
        // Cleared already, or waits for the frozen books to be mended.
        if (!isRefusal(error, 'stock_reserved') && !isRefusal(error, 'stock_frozen')) throw error
      }
    }
  }

  /** Since when (ms) the oldest promise waits; undefined when none does. */
  async function oldestPending(): Promise<number | undefined> {
    const { items } = await products.list({ index: 'pending', limit: 1 })
    return items[0]?.pending_since === undefined ? undefined : Date.parse(items[0].pending_since)
  }

  return { advance, recover, oldestPending }
}
