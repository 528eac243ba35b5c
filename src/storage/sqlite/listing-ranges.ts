import type { Condition } from './listing-conditions.ts'
import type { Reader } from './listing-filter.ts'
import type { RangePlan } from './listing-plan.ts'
import { type Cursor, comparing } from './listing-rows.ts'
import type { SortOrder } from './listing-sorts.ts'

interface Reading {
  columns: string
  after: Cursor | undefined
  /** Postings of one term to look at. */
  size: number
}

export interface Found<Row> {
  /** Those that match, in order, each product once. */
  rows: Row[]
  /** Up to here everything was looked at; null when there is nothing behind. */
  end: Cursor | null
}

/** Looks at the first `size` postings behind `after` of each term. */
export function readRanges<Row extends Cursor>(
  reader: Reader,
  plan: RangePlan,
  reading: Reading,
): Found<Row> {
  const found = plan.terms.map((term) => readRange<Row>(reader, { plan, term, reading }))
  if (found.length === 1) return found[0]!
  const order = comparing(plan.sort.descending)
  const end = found.reduce<Cursor | null>(
    (first, part) => (part.end && (!first || order(part.end, first) < 0) ? part.end : first),
    null,
  )
  const rows = found.flatMap((part) => part.rows.filter((row) => !end || order(row, end) <= 0)).sort(order)
  return { rows: rows.filter((row, at) => row.number !== rows[at - 1]?.number), end }
}

function readRange<Row extends Cursor>(
  reader: Reader,
  { plan, term, reading }: { plan: RangePlan; term: number; reading: Reading },
): Found<Row> {
  const { sort, conditions } = plan
  const { columns, size } = reading
  const bounds = [...plan.bounds, ...(reading.after ? [behind(sort, reading.after)] : [])]
  const way = sort.descending ? 'DESC' : 'ASC'
  const postings = `FROM listing_postings ${sort.indexed} WHERE ${['term = ?', ...bounds.map(({ sql }) => sql)].join(' AND ')}
    ORDER BY ${sort.column === 'number' ? '' : `${sort.column} ${way}, `}number ${way}`
  const range = [term, ...bounds.flatMap(({ values }) => values)]
  const match = conditions.length === 0 ? '' : `WHERE ${conditions.map(({ sql }) => sql).join(' AND ')}`
  const joins = columns !== '' || conditions.some(({ sql }) => sql.startsWith('l.'))
  // The inner query ends after `size` postings whatever matches, so no filter can make it long.
  const rows = reader
    .prepare(
      `SELECT d.number, d.key${columns} FROM
        (SELECT number, ${sort.column} AS key, currency, price ${postings} LIMIT ?) d
        ${joins ? 'CROSS JOIN listing l ON l.number = d.number' : ''} ${match}`,
    )
    .all(...range, size, ...conditions.flatMap(({ values }) => values)) as unknown as Row[]
  if (conditions.length === 0) return { rows, end: rows.length < size ? null : rows.at(-1)! }
  const last = reader
    .prepare(`SELECT number, ${sort.column} AS key ${postings} LIMIT 1 OFFSET ?`)
    .get(...range, size - 1)
  return { rows, end: (last as Cursor | undefined) ?? null }
}

function behind({ column, descending }: SortOrder, after: Cursor): Condition {
  const than = descending ? '<' : '>'
  if (column === 'number') return { sql: `number ${than} ?`, values: [after.number] }
  return { sql: `(${column}, number) ${than} (?, ?)`, values: [after.key, after.number] }
}
