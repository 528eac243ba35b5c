import type { Logger } from '../../kernel/logger.ts'
import type { Reservation, StockKey, StockOperations } from '../../storage/stock.ts'
import { addsUp } from './rules.ts'

const PAGE = 500

interface Needs {
  stock: Pick<StockOperations, 'audit' | 'freeze' | 'reservations' | 'forget'>
  logger: Pick<Logger, 'error'> | undefined
}

/** What keeps the stock honest in the background: each may be run at any time and again. */
export function createUpkeep({ stock, logger }: Needs) {
  /** Checks the balances of every stock document; one that does not add up is frozen and told as an error. */
  async function audit(): Promise<{ looked_at: number; frozen: StockKey[] }> {
    const frozen: StockKey[] = []
    let looked_at = 0
    let after: StockKey | null = null
    do {
      const levels = await stock.audit(after, PAGE)
      for (const level of levels) {
        if (level.frozen || addsUp(level)) continue
        await stock.freeze(level)
        frozen.push({ product_id: level.product_id, sku: level.sku })
        logger?.error({ alert: 'stock_mismatch', level }, 'the books of a SKU do not add up; it is frozen')
      }
      looked_at += levels.length
      after = levels.length < PAGE ? null : levels.at(-1)!
    } while (after)
    return { looked_at, frozen }
  }

  /** Shows every open reservation, a page at a time, to the one who knows the orders. */
  async function eachReservation(handle: (page: readonly Reservation[]) => Promise<void>): Promise<void> {
    let after: Reservation | null = null
    do {
      const page: Reservation[] = await stock.reservations(after, PAGE)
      if (page.length > 0) await handle(page)
      after = page.length < PAGE ? null : page.at(-1)!
    } while (after)
  }

  /**
   * Forgets tombstones and refs older than `before` (ms). The caller leaves 24 hours to everything that has
   * not come to rest: a tombstone must outlive every step of its order.
   */
  async function forget(before: number): Promise<number> {
    let total = 0
    let forgotten: number
    do {
      forgotten = await stock.forget(before, PAGE)
      total += forgotten
    } while (forgotten === PAGE)
    return total
  }

  return { audit, eachReservation, forget }
}
