import type { ListingPage, ListingQuery } from '../listing.ts'
import { type Candidate, score } from '../listing-score.ts'
import { searchWords } from '../listing-text.ts'
import { allConditions } from './listing-conditions.ts'
import type { Filter, Reader } from './listing-filter.ts'
import { fromNumbers } from './listing-matches.ts'
import { type Cursor, comparing, pageOf, toCursor } from './listing-rows.ts'

/** The page that these products make when they are filtered and ranked. */
export function rankedPage(
  reader: Reader,
  numbers: readonly number[],
  { filter, query }: { filter: Filter; query: ListingQuery & { text: string } },
): ListingPage {
  const conditions = allConditions(filter)
  const rows = reader
    .prepare(`SELECT l.number, l.name, l.sold, l.available ${fromNumbers(conditions)}`)
    .all(
      JSON.stringify(numbers),
      ...conditions.flatMap((condition) => condition.values),
    ) as unknown as (Candidate & { number: number })[]
  const words = searchWords(query.text)
  const order = comparing(true)
  const after = toCursor(query.after)
  const ranked = rows
    .map((row): Cursor => ({ key: score(row, words), number: row.number }))
    .filter((row) => !after || order(row, after) > 0)
    .sort(order)
    .slice(0, query.limit + 1)
  return pageOf(reader, ranked, query)
}
