import { isRefusal, Refusal } from '../../kernel/errors.ts'
import type { Position, Storage } from '../../storage/storage.ts'
import type { AppendReaction } from '../../stream/reaction.ts'
import type { Inventory } from './inventory.ts'
import { lowStates } from './low-stock-rules.ts'
import { LOW_STOCK, type LowStock, type LowStockItem, type New } from './low-stock-schema.ts'
import { stockItem, stockKey } from './rules.ts'
import { stockChanged } from './schema.ts'

export const LOW_STOCK_GROUP = LOW_STOCK.name
export const LOW_STOCK_TOPICS = [stockChanged.topic] as const
/** Nodes that handle events of one SKU at once meet at its document. */
const MAX_ATTEMPTS = 8

/** Keeps which SKUs are low. Of two events the one with the higher sequence counts, whichever comes first. */
function lowStockReaction({ storage }: { storage: Pick<Storage, 'collection'> }): AppendReaction {
  const known = storage.collection(LOW_STOCK)

  async function write(state: New<LowStock>, before: LowStock | undefined): Promise<void> {
    if (!before) await known.insert(state)
    else if (before.sequence < state.sequence) {
      const { version, sequences, created_at } = before
      await known.replace({ ...state, version, ...(sequences && { sequences }), created_at })
    }
  }

  /** Those that somebody else wrote meanwhile. */
  async function writeAll(states: readonly New<LowStock>[]): Promise<New<LowStock>[]> {
    const found = new Map((await known.getMany(states.map(({ id }) => id))).map((one) => [one.id, one]))
    const verdicts = await Promise.allSettled(states.map((state) => write(state, found.get(state.id))))
    return states.filter((_, index) => {
      const verdict = verdicts[index]!
      if (verdict.status === 'fulfilled') return false
      const moved = isRefusal(verdict.reason, 'version_moved') || isRefusal(verdict.reason, 'duplicate')
      if (!moved) throw verdict.reason
      return true
    })
  }

  return {
    kind: 'append',
    name: LOW_STOCK_GROUP,
    topics: LOW_STOCK_TOPICS,
    async handle(events) {
      let left = lowStates(events)
      for (let attempt = 0; left.length > 0 && attempt < MAX_ATTEMPTS; attempt++) left = await writeAll(left)
      if (left.length > 0) throw new Refusal('unavailable', 'busy', 'Too many changes at once; try again.')
    },
  }
}

export interface LowStockOptions {
  storage: Pick<Storage, 'collection'>
  inventory: Pick<Inventory, 'levels'>
  titles(product_ids: readonly string[]): Promise<ReadonlyMap<string, { name: string; status: string }>>
}

export type LowStockDesk = ReturnType<typeof createLowStock>

/** SKUs below their threshold, the most urgent first: which they are is a moment behind, what they have is not. */
export function createLowStock({ storage, inventory, titles }: LowStockOptions) {
  const known = storage.collection(LOW_STOCK)

  async function list(page: {
    limit: number
    after?: Position
  }): Promise<{ items: LowStockItem[]; next: Position | null }> {
    const { items: listed, next } = await known.list({ index: 'rank', ...page })
    const [levels, products] = await Promise.all([
      inventory.levels(listed),
      titles(listed.map(({ product_id }) => product_id)),
    ])
    const items = listed.flatMap((key): LowStockItem[] => {
      const level = levels.get(stockKey(key))
      const title = products.get(key.product_id)
      if (!level || !title || level.available >= level.low_stock_threshold) return []
      const { product_id } = key
      return [{ product_id, ...title, ...stockItem(key.sku, level, level.low_stock_threshold) }]
    })
    return { items, next }
  }
  return { reaction: lowStockReaction({ storage }), list }
}
