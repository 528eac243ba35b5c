import { type ListingFilter, type ListingPage, type ListingQuery, LOOKED_AT } from '../listing.ts'
import { searchWords } from '../listing-text.ts'
import { allConditions, type Condition, priceConditions } from './listing-conditions.ts'
import { type Filter, type Reader, rarestGroup, resolveFilter, type TermGroup } from './listing-filter.ts'
import { planRanges } from './listing-plan.ts'
import { type Cursor, pageOf, toCursor } from './listing-rows.ts'
import { type OrderedSort, SORTS } from './listing-sorts.ts'
import { matchExpression } from './listing-text.ts'
import { LONG_WALK, walk } from './listing-walk.ts'

/** Rows that are met on the way to them. */
const MET = 50_000

/** Numbers of products with all words, newest first; `columns` narrows where the words stand. */
export function searchNumbers(
  reader: Reader,
  text: string,
  { limit, columns }: { limit: number; columns?: string },
): number[] {
  const words = searchWords(text)
  if (words.length === 0) return []
  return reader
    .prepare(
      'SELECT rowid AS number FROM listing_text WHERE listing_text MATCH ? ORDER BY rowid DESC LIMIT ?',
    )
    .all(matchExpression(words, columns), limit)
    .map((row) => row.number as number)
}

/** All numbers that can match, when the rarest condition leaves no more than can be sorted; else undefined. */
export function fewNumbers(reader: Reader, filter: Filter): number[] | undefined {
  const rarest = rarestGroup(filter)
  const priced = filter.currency !== undefined && (filter.min_price ?? filter.max_price) !== undefined
  if (rarest.products > LOOKED_AT && !priced) return undefined
  const bounds = priced ? priceConditions(filter, '') : []
  const numbers = numbersUnder(reader, rarest, bounds)
  return numbers.length > LOOKED_AT ? undefined : numbers
}

/** Numbers of the products under a group, each once; one more than can be sorted says that there are too many. */
export function numbersUnder(reader: Reader, group: TermGroup, bounds: readonly Condition[] = []): number[] {
  const indexed = bounds.length > 0 ? 'INDEXED BY listing_postings_price' : ''
  const where = ['term = ?', ...bounds.map((bound) => bound.sql)].join(' AND ')
  const statement = reader.prepare(`SELECT number FROM listing_postings ${indexed} WHERE ${where} LIMIT ?`)
  const values = bounds.flatMap((bound) => bound.values)
  const numbers = new Set<number>()
  for (const term of group.terms) {
    for (const row of statement.all(term, ...values, LOOKED_AT + 1 - numbers.size))
      numbers.add(row.number as number)
    if (numbers.size > LOOKED_AT) break
  }
  return [...numbers]
}

/** The page that these rows make when they are filtered and sorted. */
export function sortedPage(
  reader: Reader,
  numbers: readonly number[],
  { filter, query }: { filter: Filter; query: ListingQuery & { sort: OrderedSort } },
): ListingPage {
  const { column, descending } = SORTS[query.sort]
  const after = toCursor(query.after)
  const way = descending ? 'DESC' : 'ASC'
  const conditions: Condition[] = [
    ...allConditions(filter),
    ...(after
      ? [
          {
            sql: `(l.${column}, l.number) ${descending ? '<' : '>'} (?, ?)`,
            values: [after.key, after.number],
          },
        ]
      : []),
  ]
  const rows = reader
    .prepare(
      `SELECT l.number, l.${column} AS key ${fromNumbers(conditions)}
       ORDER BY l.${column} ${way}, l.number ${way} LIMIT ?`,
    )
    .all(JSON.stringify(numbers), ...conditions.flatMap((condition) => condition.values), query.limit + 1)
  return pageOf(reader, rows as unknown as Cursor[], query)
}

/** Joins the numbers of the first parameter with their rows and keeps those that match. */
export function fromNumbers(conditions: readonly Condition[]): string {
  const where = conditions.map((condition) => condition.sql).join(' AND ')
  return `FROM (SELECT value AS number FROM json_each(?)) d CROSS JOIN listing l ON l.number = d.number ${where && `WHERE ${where}`}`
}

/**
 * The newest matches, at most 10,000, with these columns of the listing. `complete` says that there are no others.
 */
export function newestMatches<Row extends object>(
  reader: Reader,
  query: ListingFilter,
  columns: string,
): { rows: Row[]; complete: boolean } {
  const filter = resolveFilter(reader, query)
  if (!filter) return { rows: [], complete: true }
  const searched =
    query.text === undefined ? undefined : searchNumbers(reader, query.text, { limit: LOOKED_AT })
  const numbers = searched ?? fewNumbers(reader, filter)
  if (numbers) {
    const conditions = allConditions(filter)
    const values = conditions.flatMap((condition) => condition.values)
    const statement = reader.prepare(`SELECT ${columns} ${fromNumbers(conditions)}`)
    const rows = statement.all(JSON.stringify(numbers), ...values) as unknown as Row[]
    return { rows, complete: searched === undefined || searched.length < LOOKED_AT }
  }
  const { rows, stopped_at } = walk<Row & Cursor>(reader, planRanges(filter, SORTS['-created_at']), {
    columns: `, ${columns}`,
    after: undefined,
    wanted: LOOKED_AT + 1,
    limits: { ...LONG_WALK, rows: MET },
  })
  return { rows: rows.slice(0, LOOKED_AT), complete: stopped_at === null && rows.length <= LOOKED_AT }
}
