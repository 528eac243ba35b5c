import type { Storage } from '../../storage/storage.ts'
import { movementView } from './rules.ts'
import { type MovementView, STOCK_ADJUSTMENTS, STOCK_MOVEMENTS } from './schema.ts'

export interface MovementsQuery {
  product_id: string
  limit: number
  after?: MovementPosition
}

export interface MovementPosition {
  value: string | number | boolean
  id: string
}

/** The ledger of stock movements, newest first, a moment behind the changes that it tells of. */
export function createMovements({ storage }: { storage: Pick<Storage, 'collection'> }) {
  const movements = storage.collection(STOCK_MOVEMENTS)
  const adjustments = storage.collection(STOCK_ADJUSTMENTS)

  return async function list({ product_id, limit, after }: MovementsQuery): Promise<{
    items: MovementView[]
    next: MovementPosition | null
  }> {
    const page = await movements.list({ index: 'product', equal: [product_id], order: 'desc', after, limit })
    const refs = page.items.flatMap(({ ref, movement }) => (ref && movement === 'adjust' ? [ref] : []))
    const reasons = new Map((await adjustments.getMany(refs)).map(({ id, reason }) => [id, reason]))
    const items = page.items.map((movement) => movementView(movement, reasons.get(movement.ref ?? '')))
    return { items, next: page.next }
  }
}
