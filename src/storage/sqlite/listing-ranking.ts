import type { ListingPage, ListingQuery } from '../listing.ts'
import { allConditions } from './listing-conditions.ts'
import type { Filter, Reader } from './listing-filter.ts'
import { fromNumbers } from './listing-matches.ts'
import { type Cursor, comparing, pageOf, toCursor } from './listing-rows.ts'
import { searchWords } from './listing-text.ts'

interface Candidate {
  number: number
  name: string
  sold: number
  available: number
}

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
    ) as unknown as Candidate[]
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

/**
 * A whole number of thousandths, so that it stands in a cursor unchanged: words in the name count most, whole
 * ones more than beginnings, names about little else more than long ones; what sells and is there comes before what is not.
 */
function score(row: Candidate, words: readonly string[]): number {
  const name = row.name.split(' ')
  const whole = words.filter((word) => name.includes(word)).length
  const begun = words.filter((word) => name.some((part) => part.startsWith(word))).length
  const starts = row.name.startsWith(words.join(' ')) ? 1 : 0
  return Math.round(
    1_000 *
      (4 * (begun / words.length) + 2 * (whole / words.length) + starts + begun / Math.max(name.length, 1)) +
      250 * Math.log10(1 + row.sold) +
      (row.available > 0 ? 500 : 0),
  )
}
