import { isOfCancellation, isSale, isTakenBack, type Row } from './rows.ts'

export const MAX_ORDER_LINES = 500

/** One stock code at one price. */
export interface Item {
  sku: string
  price: number
  /** Index of the product in the plan. */
  product: number
  /** Pieces that all planned orders take together. */
  needed: number
}

export interface Product {
  code: string
  name: string
  /** Indexes of items; more than one: variants. */
  items: number[]
}

export interface Line {
  item: number
  quantity: number
}

export interface Sale {
  kind: 'sale'
  invoice: string
  /** Number of the customer, or of the guest's invoice. */
  account: string
  guest: boolean
  country: string
  lines: Line[]
}

export interface Cancellation {
  kind: 'cancellation'
  invoice: string
  account: string
  /** The invoice that is cancelled as a whole. */
  of: string
}

export type Visit = Sale | Cancellation

export interface Plan {
  products: Product[]
  items: Item[]
  /** In the order of the file. */
  visits: Visit[]
  /** Cancelled invoices that match no whole order. */
  unmatched: number
}

interface Invoice {
  number: string
  customer: string
  country: string
  cancels: boolean
  /** By stock code and price: lines of the same are one. */
  quantities: Map<string, { row: Row; quantity: number }>
}

/** Plans what shoppers and staff do, of the first `limit` sales. */
export async function planOf(rows: AsyncIterable<Row>, limit = Number.POSITIVE_INFINITY): Promise<Plan> {
  const invoices = cutOff(await collect(rows), limit)
  const plan: Plan = { products: [], items: [], visits: [], unmatched: 0 }
  const catalogue = new Map<string, number>()
  const products = new Map<string, Product>()
  /** Sales that could still be cancelled, by customer and contents, oldest first. */
  const open = new Map<string, string[]>()
  for (const invoice of invoices) {
    const fingerprint = JSON.stringify([
      invoice.customer,
      [...invoice.quantities].map(([key, { quantity }]) => `${key} ${quantity}`).sort(),
    ])
    if (invoice.cancels) {
      const of = invoice.customer === '' ? undefined : open.get(fingerprint)?.pop()
      if (of === undefined) plan.unmatched++
      else plan.visits.push({ kind: 'cancellation', invoice: invoice.number, account: invoice.customer, of })
    } else {
      const lines = [...invoice.quantities].map(([key, { row, quantity }]) => {
        const item = catalogue.get(key) ?? addItem(plan, products, row)
        catalogue.set(key, item)
        plan.items[item]!.needed += quantity
        return { item, quantity }
      })
      const guest = invoice.customer === ''
      const account = guest ? invoice.number : invoice.customer
      plan.visits.push({
        kind: 'sale',
        invoice: invoice.number,
        account,
        guest,
        country: invoice.country,
        lines,
      })
      open.set(fingerprint, [...(open.get(fingerprint) ?? []), invoice.number])
    }
  }
  return plan
}

function addItem(plan: Plan, products: Map<string, Product>, row: Row): number {
  let product = products.get(row.code)
  if (!product) {
    product = { code: row.code, name: nameOf(row), items: [] }
    products.set(row.code, product)
    plan.products.push(product)
  }
  const item = plan.items.length
  const index = plan.products.length - 1
  const place = plan.products[index] === product ? index : plan.products.indexOf(product)
  plan.items.push({ sku: `${row.code}-${row.price}`, price: row.price, product: place, needed: 0 })
  product.items.push(item)
  return item
}

/** The file's own words for "nothing is known". */
function nameOf({ name, code }: Row): string {
  return /^(nan|none|)$/i.test(name.trim()) ? `Article ${code}` : name.trim()
}

/** Invoices by their first line; the lines of one may be scattered. */
async function collect(rows: AsyncIterable<Row>): Promise<Invoice[]> {
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
  return [...invoices.values()]
}

/** Up to the sale number `limit`, with the cancellations that lie before the next one. */
function cutOff(invoices: Invoice[], limit: number): Invoice[] {
  let sales = 0
  const end = invoices.findIndex(({ cancels }) => !cancels && ++sales > limit)
  return end < 0 ? invoices : invoices.slice(0, end)
}

/** A sale in the orders that it takes, as long as an order may be. */
export function ordersOf({ lines }: Sale): Line[][] {
  const orders: Line[][] = []
  for (let at = 0; at < lines.length; at += MAX_ORDER_LINES)
    orders.push(lines.slice(at, at + MAX_ORDER_LINES))
  return orders
}
