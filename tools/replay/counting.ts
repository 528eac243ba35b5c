import type { Chosen } from './chosen.ts'
import { isSale, isTakenBack, type Row } from './rows.ts'

/** What the lines of an invoice come to. */
export interface Counted {
  /** Minor units. */
  total: number
  /** Pieces of each article, by `code-price`. */
  pieces: Map<string, number>
}

export interface Counts {
  sales: Map<string, Counted>
  /** Cancelled invoices that take back a part. */
  parts: Map<string, Counted>
  codes: Set<string>
  accounts: Set<string>
}

/** Adds up the lines of the invoices that were chosen. */
export async function countLines(rows: AsyncIterable<Row>, { replayed, parts }: Chosen): Promise<Counts> {
  const counts: Counts = { sales: new Map(), parts: new Map(), codes: new Set(), accounts: new Set() }
  for await (const row of rows) {
    if (isTakenBack(row) && parts.has(row.invoice)) count(counts.parts, row)
    if (!isSale(row) || !replayed.has(row.invoice)) continue
    count(counts.sales, row)
    counts.codes.add(row.code)
    counts.accounts.add(row.customer === '' ? `guest ${row.invoice}` : row.customer)
  }
  return counts
}

function count(invoices: Map<string, Counted>, { invoice, code, price, quantity }: Row): void {
  const counted = invoices.get(invoice) ?? { total: 0, pieces: new Map() }
  counted.total += Math.abs(quantity) * price
  add(counted.pieces, `${code}-${price}`, Math.abs(quantity))
  invoices.set(invoice, counted)
}

/** Adds to the number that stands under a name. */
export function add(numbers: Map<string, number>, name: string, change: number): void {
  numbers.set(name, (numbers.get(name) ?? 0) + change)
}

/** The sum of an amount of each value. */
export function sumOf<Value>(values: Iterable<Value>, amount: (value: Value) => number): number {
  let total = 0
  for (const value of values) total += amount(value)
  return total
}
