import { countryCode } from './countries.ts'
import type { Invoice } from './invoices.ts'
import { MAX_ORDER_LINES, nameOf } from './plan.ts'

interface Naming {
  currency: string
  tag: string
}

/** Lines of NDJSON are sent in pieces of about this length. */
const PIECE_LENGTH = 64 * 1_024

/** The time of the file, which has no zone, taken for UTC. */
export function timeOf(at: string): string {
  return new Date(`${at.replace(' ', 'T').replace(/Z$/, '')}Z`).toISOString()
}

/** Customers of these sales, each once; guests have no number. */
export function customersOf(sales: readonly Invoice[]): string[] {
  return [...new Set(sales.map(({ customer }) => customer).filter((customer) => customer !== ''))]
}

/** The address of a customer of the file, as in a replay that lives through the year. */
export function emailOf(customer: string, { tag }: Pick<Naming, 'tag'>): string {
  return `c${customer}${tag}@replay.example`.toLowerCase()
}

/** The sales as lines of POST /orders/import, an invoice in as many orders as it takes. */
export function* historyLines(sales: readonly Invoice[], naming: Naming): Generator<Uint8Array> {
  let piece = ''
  for (const sale of sales) {
    for (const order of ordersOf(sale, naming)) piece += `${JSON.stringify(order)}\n`
    if (piece.length < PIECE_LENGTH) continue
    yield Buffer.from(piece)
    piece = ''
  }
  if (piece !== '') yield Buffer.from(piece)
}

function* ordersOf({ number, customer, country, quantities }: Invoice, naming: Naming) {
  const lines = [...quantities.values()]
  for (let from = 0; from < lines.length; from += MAX_ORDER_LINES) {
    const part = lines.slice(from, from + MAX_ORDER_LINES)
    yield {
      external_id: `${number}-${from / MAX_ORDER_LINES}${naming.tag}`,
      ...(customer !== '' && { email: emailOf(customer, naming) }),
      placed_at: timeOf(lines[0]!.row.at),
      currency: naming.currency,
      items: part.map(({ row, quantity }) => ({
        ...{
          sku: `${row.code}-${row.price}${naming.tag}`,
          name: nameOf(row),
          quantity,
          unit_price: row.price,
        },
      })),
      shipping_address: {
        ...{ name: `Customer ${customer || number}`, line1: `Invoice Street 1`, city: 'Replay' },
        ...{ postal_code: number, country: countryCode(country) },
      },
    }
  }
}
