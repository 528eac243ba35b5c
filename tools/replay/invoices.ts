import { isOfCancellation, isSale, isTakenBack, type Row } from './rows.ts'

export interface Invoice {
  number: string
  customer: string
  country: string
  cancels: boolean
  /** By stock code and price: lines of the same are one. */
  quantities: Map<string, { row: Row; quantity: number }>
}

/** The invoices of the first `limit` sales, by their first line; the lines of one may be scattered. */
export async function invoicesOf(rows: AsyncIterable<Row>, limit: number): Promise<Invoice[]> {
  const invoices = new Map<string, Invoice>()
  for await (const row of rows) {
    const cancels = isOfCancellation(row)
    if (!cancels && !isSale(row)) continue
    let invoice = invoices.get(row.invoice)
    if (!invoice) {
      const { customer, country } = row
      invoice = { number: row.invoice, customer, country, cancels, quantities: new Map() }
      invoices.set(row.invoice, invoice)
    }
    if (cancels && !isTakenBack(row)) continue
    const key = `${row.code} ${row.price}`
    const line = invoice.quantities.get(key) ?? { row, quantity: 0 }
    line.quantity += Math.abs(row.quantity)
    invoice.quantities.set(key, line)
  }
  return cutOff([...invoices.values()], limit)
}

/** Up to the sale number `limit`, with the cancellations that lie before the next one. */
function cutOff(invoices: Invoice[], limit: number): Invoice[] {
  let sales = 0
  const end = invoices.findIndex(({ cancels }) => !cancels && ++sales > limit)
  return end < 0 ? invoices : invoices.slice(0, end)
}
