import type { CloudEvent } from '../../kernel/event.ts'
import { withPrefix } from '../../kernel/ids.ts'
import type { New, Storage } from '../../storage/storage.ts'
import type { AppendReaction } from '../../stream/reaction.ts'
import { STOCK_MOVEMENTS, type StockChange, type StockMovement, stockChanged } from './schema.ts'

export const STOCK_MOVEMENTS_GROUP = 'stock_movements'
export const STOCK_MOVEMENTS_TOPICS = [stockChanged.topic] as const

/** Writes the ledger: a movement for every `stock_changed`, whose id makes a repeat harmless. */
export function movementsReaction({ storage }: { storage: Pick<Storage, 'collection'> }): AppendReaction {
  const movements = storage.collection(STOCK_MOVEMENTS)
  return {
    kind: 'append',
    name: STOCK_MOVEMENTS_GROUP,
    topics: STOCK_MOVEMENTS_TOPICS,
    async handle(events) {
      const entries = events.filter(({ type }) => type === stockChanged.type).map(toMovement)
      if (entries.length > 0) await movements.insertMany(entries)
    },
  }
}

function toMovement(event: CloudEvent): New<StockMovement> {
  const data = event.data as StockChange
  const { product_id, sku, movement, quantity, on_hand, reserved, available, order_id, ref, reason_code } =
    data
  return {
    id: withPrefix(event.id, 'mov'),
    ...{ product_id, sku, movement, quantity, on_hand, reserved, available },
    ...(order_id !== undefined && { order_id }),
    ...(ref !== undefined && { ref }),
    ...(reason_code !== undefined && { reason_code }),
    by: event.actor,
    created_at: event.time,
    updated_at: event.time,
  }
}
