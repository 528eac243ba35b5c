import { type Clock, timestamp } from '../../kernel/clock.ts'
import { newId } from '../../kernel/ids.ts'
import { insertOnce } from '../../storage/insert-once.ts'
import type {
  StockKey,
  StockLevel,
  StockOperation,
  StockOperations,
  StockVerdict,
} from '../../storage/stock.ts'
import type { Storage } from '../../storage/storage.ts'
import { adjustmentOf, assertOneChange, bookOf, levelOrRefusal } from './rules.ts'
import { STOCK_ADJUSTMENTS, type StockAdjustment, type StockChangeRequest } from './schema.ts'

export interface StockChangeInput extends StockKey {
  request: StockChangeRequest
  /** Stable over all repeats of one request. */
  operation_id: string
  actor: string
}

export interface PendingStock {
  sku: string
  set: number
  ref: string
}

interface Needs {
  storage: Pick<Storage, 'collection'>
  stock: Pick<StockOperations, 'getMany' | 'apply'>
  clock: Clock
}

/** Changes of stock that staff wish for, by themselves or with a product. */
export function createAdjustments({ storage, stock, clock }: Needs) {
  const adjustments = storage.collection(STOCK_ADJUSTMENTS)

  /**
   * Changes one SKU by `delta`, or until `set` are on hand, and its threshold; once for each operation id.
   * The wish is kept before it is applied, so that a repeat after sales in between does not count them away.
   */
  async function change({
    product_id,
    sku,
    request,
    operation_id,
    actor,
  }: StockChangeInput): Promise<StockLevel> {
    assertOneChange(request)
    const { delta, set, reason, low_stock_threshold } = request
    let level: StockLevel | undefined
    if (delta !== undefined || set !== undefined) {
      // Only a count has to know what there is.
      const [before] = set === undefined ? [] : await stock.getMany([{ product_id, sku }])
      const wish = { id: operation_id, product_id, sku, wish: { delta, set }, reason }
      const adjustment = await keep(wish, before)
      level = levelOrRefusal(await applyOne(adjustOperation(adjustment, actor)))
    }
    if (low_stock_threshold !== undefined) {
      const threshold = {
        kind: 'threshold',
        low_stock_threshold,
        ref: `${operation_id}/threshold`,
        create: true,
      } as const
      level = levelOrRefusal(await applyOne({ ...threshold, product_id, sku, ...stamp(actor) }))
    }
    return level!
  }

  /**
   * Brings the SKUs of a product to what was wished with it, once for each ref. Verdicts in the order of
   * `pending`: `short` means that more is reserved than the wish leaves on hand.
   */
  async function applyPending(
    product_id: string,
    pending: readonly PendingStock[],
    actor: string,
  ): Promise<StockVerdict[]> {
    const levels = await stock.getMany(pending.map(({ sku }) => ({ product_id, sku })))
    const known = new Map(levels.map((level) => [level.sku, level]))
    const operations = pending.map(async ({ sku, set, ref }) => {
      const wish = { id: `${ref}/${sku}`, product_id, sku, wish: { set } }
      const level = known.get(sku)
      // From a document that is not there nothing can be sold meanwhile: its wish need not be kept.
      const adjustment = level
        ? await keep(wish, level)
        : { id: wish.id, product_id, sku, ...adjustmentOf({ set }, undefined) }
      return adjustOperation(adjustment, actor)
    })
    return stock.apply(await Promise.all(operations))
  }

  /** Keeps the wish as the difference it means at this level, unless an earlier try has kept it. */
  async function keep(
    { id, product_id, sku, wish, reason }: Wish,
    level: StockLevel | undefined,
  ): Promise<StockAdjustment> {
    const now = timestamp(clock.now())
    const draft = {
      id,
      product_id,
      sku,
      ...adjustmentOf(wish, level),
      reason,
      created_at: now,
      updated_at: now,
    }
    return insertOnce(adjustments, draft)
  }

  function adjustOperation(
    {
      id,
      product_id,
      sku,
      delta,
      reason_code,
    }: Pick<StockAdjustment, 'id' | 'product_id' | 'sku' | 'delta' | 'reason_code'>,
    actor: string,
  ): StockOperation {
    const book = bookOf(reason_code)
    return {
      kind: 'adjust',
      product_id,
      sku,
      delta,
      ref: id,
      reason: reason_code,
      book,
      create: true,
      ...stamp(actor),
    }
  }

  function stamp(actor: string) {
    const at = clock.now()
    return { event_id: newId('evt', at), at, actor }
  }

  async function applyOne(operation: StockOperation): Promise<StockVerdict> {
    const [verdict] = await stock.apply([operation])
    return verdict!
  }

  return { change, applyPending }
}

interface Wish extends StockKey {
  id: string
  wish: { delta?: number; set?: number }
  reason?: string
}
