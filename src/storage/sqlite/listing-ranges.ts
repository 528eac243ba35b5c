import {
  type Condition,
  conditionsBeside,
  type Filter,
  type Reader,
  type TermGroup,
  type Value,
} from './listing-filter.ts'
import { type Cursor, comparing } from './listing-rows.ts'
import { FULLY_SORTED, type SortOrder } from './listing-tables.ts'

/** Which ranges of which index to walk, and what the rows met there must fulfil. */
export interface RangePlan {
  terms: number[]
  sort: SortOrder
  /** On the index's own columns. */
  bounds: Condition[]
  /** On the row of the listing. */
  conditions: Condition[]
}

export function planRanges(filter: Filter, sort: SortOrder): RangePlan {
  const driver = driverOf(filter, sort)
  const byPrice = sort.column === 'price'
  return {
    terms: driver.terms,
    sort,
    bounds: [
      ...(sort.needs === '' ? [] : [{ sql: sort.needs, values: byPrice ? [filter.currency!] : [] }]),
      ...(byPrice ? priceBounds(filter) : []),
    ],
    conditions: conditionsBeside(filter, driver).filter(
      ({ sql }) => !(byPrice && /^l\.(currency|price) /.test(sql)),
    ),
  }
}

/** The asked range of prices on the columns of a posting. */
export function priceBounds(filter: Filter): Condition[] {
  return [
    ...(filter.min_price === undefined ? [] : [{ sql: 'price >= ?', values: [filter.min_price] }]),
    ...(filter.max_price === undefined ? [] : [{ sql: 'price <= ?', values: [filter.max_price] }]),
  ]
}

/** The group with the fewest products whose postings are in the index; else all products. */
function driverOf(filter: Filter, sort: SortOrder): TermGroup {
  const usable = filter.groups.filter((group) => sort.every_kind || FULLY_SORTED.includes(group.kind))
  const rarest = usable.reduce(
    (least, group) => (group.products < least.products ? group : least),
    filter.all,
  )
  // Many ranges cost a reading each; where their products are most of the shop, one walk over all meets them as soon.
  return rarest.terms.length * rarest.products > filter.all.products * 4 ? filter.all : rarest
}

interface Reading {
  columns: string
  after: Cursor | undefined
  size: number
}

/** A posting that was looked at; `matched` is null when its product does not fulfil the conditions. */
export type Looked<Row> = Row & { matched: number | null }

/** The first `size` postings behind `after` over all terms, each product once. */
export function readRanges<Row extends Cursor>(
  reader: Reader,
  plan: RangePlan,
  reading: Reading,
): Looked<Row>[] {
  const { sql, values } = rangeStatement(plan, reading)
  const statement = reader.prepare(sql)
  const rows = plan.terms.flatMap((term) => statement.all(term, ...values) as unknown as Looked<Row>[])
  if (plan.terms.length === 1) return rows
  rows.sort(comparing(plan.sort.descending))
  return rows.filter((row, at) => row.number !== rows[at - 1]?.number).slice(0, reading.size)
}

function rangeStatement({ sort, bounds, conditions }: RangePlan, { columns, after, size }: Reading) {
  const { column, descending } = sort
  const inner = after ? [...bounds, behind(column, descending, after)] : bounds
  const way = descending ? 'DESC' : 'ASC'
  const order = column === 'number' ? `number ${way}` : `${column} ${way}, number ${way}`
  const where = ['term = ?', ...inner.map((bound) => bound.sql)].join(' AND ')
  const match = ['l.number = d.number', ...conditions.map((condition) => condition.sql)].join(' AND ')
  return {
    // The inner query ends after `size` postings whatever matches, so no filter can make it long.
    sql: `SELECT d.number, d.key, l.number AS matched, ${columns}
      FROM (SELECT number, ${column} AS key FROM listing_postings ${sort.indexed} WHERE ${where} ORDER BY ${order} LIMIT ?) d
      LEFT JOIN listing l ON ${match}`,
    values: [...inner, { values: [size] }, ...conditions].flatMap((part): Value[] => part.values),
  }
}

function behind(column: SortOrder['column'], descending: boolean, after: Cursor): Condition {
  const than = descending ? '<' : '>'
  if (column === 'number') return { sql: `number ${than} ?`, values: [after.number] }
  return { sql: `(${column}, number) ${than} (?, ?)`, values: [after.key, after.number] }
}
