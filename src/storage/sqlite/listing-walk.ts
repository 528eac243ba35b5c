import type { ListingPage, ListingQuery } from '../listing.ts'
import type { Filter, Reader } from './listing-filter.ts'
import { planRanges, type RangePlan } from './listing-plan.ts'
import { readRanges } from './listing-ranges.ts'
import { type Cursor, pageOf, toCursor, toPosition } from './listing-rows.ts'
import { type OrderedSort, SORTS } from './listing-sorts.ts'

export interface WalkLimits {
  /** Rows that may be looked at for one page. */
  rows: number
  /** Rows of one reading of an index at most. */
  chunk: number
}

/** What is done in the main thread at once; anything larger is the reading worker's. */
export const SHORT_WALK: WalkLimits = { rows: 1_000, chunk: 500 }
export const LONG_WALK: WalkLimits = { rows: 20_000, chunk: 2_000 }

/**
 * A page by walking one index in the order asked for and leaving out what does not match. When the limit of
 * rows is reached first, the page is what was found so far: `complete` is false and `next` is where the walk
 * stopped, so that following it still misses nothing.
 */
export function walkPage(
  reader: Reader,
  filter: Filter,
  query: ListingQuery & { sort: OrderedSort },
  limits: WalkLimits,
): { page: ListingPage; complete: boolean } {
  const { rows, stopped_at } = walk<Cursor>(reader, planRanges(filter, SORTS[query.sort]), {
    columns: '',
    after: toCursor(query.after),
    wanted: query.limit + 1,
    limits,
  })
  const page = pageOf(reader, rows, query)
  if (stopped_at === null) return { page, complete: true }
  return { page: { ...page, next: toPosition(stopped_at) }, complete: false }
}

export interface WalkOptions {
  /** Further columns of the row `l`, each behind a comma. */
  columns: string
  after: Cursor | undefined
  /** Matches after which the walk ends. */
  wanted: number
  limits: WalkLimits
}

/** Matches in order; `stopped_at` is where the limit of rows ended the walk before enough of them were found. */
export function walk<Row extends Cursor>(
  reader: Reader,
  plan: RangePlan,
  { columns, after, wanted, limits }: WalkOptions,
): { rows: Row[]; stopped_at: Cursor | null } {
  // A condition on the posting itself costs a fraction of one that reads other rows.
  const weight = plan.conditions.every(({ sql }) => sql.startsWith('d.')) ? 1 / 3 : 1
  const found: Row[] = []
  let from = after
  let looked = 0
  let size = Math.min(plan.conditions.length === 0 ? wanted : wanted * 3, limits.chunk)
  for (;;) {
    const { rows, end } = readRanges<Row>(reader, plan, { columns, after: from, size })
    found.push(...rows)
    if (found.length >= wanted || end === null) return { rows: found, stopped_at: null }
    looked += size * plan.terms.length * weight
    from = end
    if (looked >= limits.rows) return { rows: found, stopped_at: from }
    size = Math.min(size * 3, limits.chunk)
  }
}
