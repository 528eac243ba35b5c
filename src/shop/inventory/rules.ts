import { Refusal } from '../../kernel/errors.ts'
import type {
  MovementView,
  StockChangeRequest,
  StockItem,
  StockKey,
  StockLevel,
  StockMovement,
  StockReason,
  StockVerdict,
} from './schema.ts'

export interface StockLine extends StockKey {
  quantity: number
}

/** How a stock document is named in maps: `prd_…/SKU`. */
export function stockKey({ product_id, sku }: StockKey): string {
  return `${product_id}/${sku}`
}

/** One line per stock document, in the order in which all orders visit them. */
export function summedLines(lines: readonly StockLine[]): StockLine[] {
  const sums = new Map<string, StockLine>()
  for (const { product_id, sku, quantity } of lines) {
    const sum = sums.get(stockKey({ product_id, sku }))
    if (sum) sum.quantity += quantity
    else sums.set(stockKey({ product_id, sku }), { product_id, sku, quantity })
  }
  return [...sums.values()].sort((a, b) => compare(a.product_id, b.product_id) || compare(a.sku, b.sku))
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** Pieces that lie in the warehouse, reserved ones included. */
export function onHand(level: StockLevel | undefined): number {
  return level ? level.available + level.reserved : 0
}

/** Refuses a request that says nothing or two things at once. */
export function assertOneChange(request: StockChangeRequest): void {
  if (request.delta !== undefined && request.set !== undefined) {
    throw invalid('/set', 'either_delta_or_set', 'Give delta or set, not both.')
  }
  if (request.delta === undefined && request.set === undefined && request.low_stock_threshold === undefined) {
    throw invalid('', 'nothing_to_change', 'Give delta, set or low_stock_threshold.')
  }
}

function invalid(pointer: string, code: string, message: string): Refusal {
  return new Refusal('invalid', 'invalid_body', message, { errors: [{ pointer, code, message }] })
}

export interface Adjustment {
  delta: number
  reason_code: StockReason
}

/** What a wish of staff comes to, seen from what is there now. */
export function adjustmentOf(
  wish: { delta?: number; set?: number },
  level: StockLevel | undefined,
): Adjustment {
  if (wish.set !== undefined) {
    return { delta: wish.set - onHand(level), reason_code: level ? 'count' : 'initial' }
  }
  const delta = wish.delta ?? 0
  return { delta, reason_code: delta < 0 ? 'write_off' : 'delivery' }
}

/** Goods that came from outside count as received, corrections as adjusted. */
export function bookOf(reason: StockReason): 'received' | 'adjusted' {
  return reason === 'initial' || reason === 'delivery' ? 'received' : 'adjusted'
}

/** Whether the balances of a stock document add up with each other and with its reservations. */
export function addsUp(level: StockLevel & { reserved_sum: number }): boolean {
  const { available, reserved, sold, received, adjusted } = level
  return available + reserved + sold === received + adjusted && reserved === level.reserved_sum
}

/** The level after an adjustment, or the refusal that its verdict means for staff. */
export function levelOrRefusal(verdict: StockVerdict): StockLevel {
  switch (verdict.result) {
    case 'done':
    case 'already':
      return verdict.level
    case 'short':
      throw new Refusal('conflict', 'insufficient_stock', 'That would take more than is available.', {
        extra: { available: verdict.available },
      })
    case 'frozen':
      throw new Refusal(
        'conflict',
        'stock_frozen',
        'The books of this SKU do not add up; it is frozen until somebody has looked at it.',
      )
    default:
      throw new Error(`an adjustment was answered by ${verdict.result}`)
  }
}

/** The row that staff see of one SKU; a missing document reads as 0. */
export function stockItem(sku: string, level: StockLevel | undefined, threshold: number): StockItem {
  return {
    sku,
    on_hand: onHand(level),
    reserved: level?.reserved ?? 0,
    available: level?.available ?? 0,
    low_stock_threshold: level?.low_stock_threshold ?? threshold,
  }
}

/** An entry of the ledger with the words that staff gave as its reason. */
export function movementView(movement: StockMovement, reason: string | undefined): MovementView {
  return {
    id: movement.id,
    sku: movement.sku,
    movement: movement.movement,
    quantity: movement.quantity,
    on_hand: movement.on_hand,
    reserved: movement.reserved,
    available: movement.available,
    ...(movement.order_id !== undefined && { order_id: movement.order_id }),
    ...(movement.reason_code !== undefined && { reason_code: movement.reason_code }),
    ...(reason !== undefined && { reason }),
    by: movement.by,
    at: movement.created_at,
  }
}

/** The SKU that a request means: the one it names, or the product's only one. */
export function impliedSku(skus: readonly string[], named: string | undefined): string {
  if (named !== undefined) {
    if (skus.includes(named)) return named
    throw new Refusal('unprocessable', 'unknown_sku', 'This product has no such sku.')
  }
  if (skus.length === 1) return skus[0]!
  throw new Refusal('unprocessable', 'sku_required', 'This product is sold in several forms; name its sku.')
}
