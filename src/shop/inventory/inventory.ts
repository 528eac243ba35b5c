import type { Clock } from '../../kernel/clock.ts'
import type { Logger } from '../../kernel/logger.ts'
import type { Nodes } from '../../kernel/nodes.ts'
import type { StockKey, StockLevel, StockOperation, StockVerdict } from '../../storage/stock.ts'
import type { Storage } from '../../storage/storage.ts'
import { createAdjustments } from './adjustments.ts'
import { createLevelCache, createLevelReading } from './level-cache.ts'
import { createMovements } from './movements.ts'
import { createOrderStock } from './order-stock.ts'
import { movementsReaction } from './reactions.ts'
import { createUpkeep } from './upkeep.ts'

export type { StockKey, StockLevel, StockVerdict } from '../../storage/stock.ts'
export type { PendingStock, StockChangeInput } from './adjustments.ts'
export type { MovementPosition } from './movements.ts'
export type { LineVerdict, OrderStock } from './order-stock.ts'
export { onHand, type StockLine, stockItem, stockKey } from './rules.ts'

export interface InventoryOptions {
  storage: Pick<Storage, 'collection' | 'stock'>
  nodes: Nodes
  clock: Clock
  /** Hears of books that do not add up. */
  logger?: Pick<Logger, 'error'>
}

export type Inventory = ReturnType<typeof createInventory>
/** Hears of what this process changed. */
export type ChangeListener = (product_ids: readonly string[]) => void

/** What is on hand, reserved and sold of every SKU, and everything that changes it. */
export function createInventory({ storage, nodes, clock, logger }: InventoryOptions) {
  const listeners = new Set<ChangeListener>()
  const stock = { ...storage.stock, apply, freeze }
  const cache = (nodes === 'one' ? createLevelCache : createLevelReading)({ stock: storage.stock })

  async function apply(operations: readonly StockOperation[]): Promise<StockVerdict[]> {
    const verdicts = await storage.stock.apply(operations)
    cache.learn(verdicts)
    const changed = operations.filter((_, index) => verdicts[index]!.result === 'done')
    if (changed.length > 0) {
      const product_ids = [...new Set(changed.map(({ product_id }) => product_id))]
      for (const listener of listeners) listener(product_ids)
    }
    return verdicts
  }

  async function freeze(key: StockKey): Promise<void> {
    await storage.stock.freeze(key)
    cache.forget(key)
  }

  const orderStock = createOrderStock({ apply, clock })
  const adjustments = createAdjustments({ storage, stock, clock })

  return {
    /** By `prd_…/SKU`; what is missing reads as 0. */
    levels: cache.levels,
    /** The stock documents of all SKUs of these products. */
    ofProducts: (product_ids: readonly string[]): Promise<StockLevel[]> => stock.ofProducts(product_ids),
    ...orderStock,
    ...adjustments,
    movements: createMovements({ storage }),
    ...createUpkeep({ stock, logger }),
    reactions: [movementsReaction({ storage })],
    /** Called after every acknowledged change, with the products whose stock moved. Returns how to stop. */
    onChange(listener: ChangeListener): () => void {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
