import type { CloudEvent } from '../../kernel/event.ts'
import type { LowStock, New } from './low-stock-schema.ts'
import { stockKey } from './rules.ts'
import { type StockChange, stockChanged } from './schema.ts'

/** What is sold out comes first, of that what needs most; then by the share of the threshold that is left. */
export function urgency({
  available,
  low_stock_threshold,
}: Pick<StockChange, 'available' | 'low_stock_threshold'>): number {
  return available === 0 ? -low_stock_threshold : available / low_stock_threshold
}

/** The newest state of every SKU that these events tell to be low, or to be low no more. */
export function lowStates(events: readonly CloudEvent[]): New<LowStock>[] {
  const states = new Map<string, New<LowStock>>()
  for (const { type, data, sequence, time } of events) {
    if (type !== stockChanged.type) continue
    const change = data as StockChange
    if (!change.low && !change.low_before) continue
    const { product_id, sku } = change
    const id = stockKey(change)
    if ((states.get(id)?.sequence ?? 0) >= sequence) continue
    const rank = change.low ? { rank: urgency(change) } : {}
    states.set(id, { id, product_id, sku, sequence, ...rank, created_at: time, updated_at: time })
  }
  return [...states.values()]
}
