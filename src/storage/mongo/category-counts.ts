import { OPERATION } from './connection.ts'
import type { MongoEngine } from './engine.ts'
import { ALL, readTerm, termOf } from './listing-fields.ts'

/** Up to this many places of products in categories are counted for every answer. */
const COUNTED_EACH_TIME = 5_000
/** What takes longer to count is told for this long. */
const KEPT_MS = 60_000
/** While one counts again, the others are told what was counted last. */
const COUNTING_MS = 10_000

/**
 * Active products per category. MongoDB keeps no sums of them, so every listed product is read: for each answer in a small
 * shop, in a larger one once a minute.
 */
export function createCategoryCounts({ db, run, clock, listed }: MongoEngine) {
  let kept: { counts: Map<string, number>; until: number } | undefined

  async function count(): Promise<Map<string, number>> {
    const first = termOf('category', '')
    const stages = [
      { $match: { '_listing.terms': ALL } },
      { $project: { _id: 0, term: '$_listing.terms' } },
      { $unwind: '$term' },
      // The sign behind the colon is the semicolon.
      { $match: { term: { $gte: first, $lt: `${first.slice(0, -1)};` } } },
      { $group: { _id: '$term', products: { $sum: 1 } } },
    ]
    const options = { hint: 'listing_created', ...OPERATION }
    const rows = await run(() =>
      db.collection(listed).aggregate<{ _id: string; products: number }>(stages, options).toArray(),
    )
    return new Map(rows.map(({ _id, products }) => [readTerm(_id)!.value, products]))
  }

  return async function categoryCounts(): Promise<Map<string, number>> {
    const left_ms = kept ? kept.until - clock.now() : 0
    if (kept && left_ms > 0 && left_ms <= KEPT_MS) return new Map(kept.counts)
    if (kept) kept.until = clock.now() + COUNTING_MS
    const counts = await count()
    const places = counts.values().reduce((sum, products) => sum + products, 0)
    kept = places > COUNTED_EACH_TIME ? { counts, until: clock.now() + KEPT_MS } : undefined
    return new Map(counts)
  }
}
