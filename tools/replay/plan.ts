import { isByCard, type WayBack, wayBackOf } from './card-choices.ts'
import { type Invoice, invoicesOf } from './invoices.ts'
import { createMatching } from './matching.ts'
import type { Row } from './rows.ts'

export const MAX_ORDER_LINES = 500

/** `card`: of some orders, and what came back of these in part comes back, too. */
export type Pay = 'cash' | 'card'

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
  by_card: boolean
  lines: Line[]
}

export interface Cancellation {
  kind: 'cancellation'
  invoice: string
  account: string
  /** The invoice that is cancelled as a whole. */
  of: string
}

/** A part of an order by card comes back. */
export interface TakingBack {
  kind: WayBack
  invoice: string
  account: string
  /** The invoice, of one order, that the part belongs to. */
  of: string
  lines: Line[]
}

export type Visit = Sale | Cancellation | TakingBack

export interface Plan {
  pay: Pay
  products: Product[]
  items: Item[]
  /** In the order of the file. */
  visits: Visit[]
  /** Cancelled invoices that match no order. */
  unmatched: number
}

export interface PlanOptions {
  /** Takes the first sales only. */
  limit?: number
  pay?: Pay
}

/** Plans what shoppers and staff do. */
export async function planOf(
  rows: AsyncIterable<Row>,
  { limit = Number.POSITIVE_INFINITY, pay = 'cash' }: PlanOptions = {},
): Promise<Plan> {
  const plan: Plan = { pay, products: [], items: [], visits: [], unmatched: 0 }
  const catalogue = createCatalogue(plan)
  const matching = createMatching()
  for (const invoice of await invoicesOf(rows, limit)) {
    if (invoice.cancels) {
      const visit = wayBack(invoice, matching, catalogue)
      if (visit) plan.visits.push(visit)
      else plan.unmatched++
      continue
    }
    const sale = saleOf(invoice, { pay, catalogue })
    for (const { item, quantity } of sale.lines) plan.items[item]!.needed += quantity
    plan.visits.push(sale)
    matching.add(invoice, { in_parts: sale.by_card && ordersOf(sale).length === 1 })
  }
  return plan
}

function saleOf(invoice: Invoice, { pay, catalogue }: { pay: Pay; catalogue: Catalogue }): Sale {
  const { number, customer, country } = invoice
  const guest = customer === ''
  return {
    kind: 'sale',
    invoice: number,
    account: guest ? number : customer,
    guest,
    country,
    by_card: pay === 'card' && isByCard(number),
    lines: linesOf(invoice, catalogue),
  }
}

function wayBack(
  invoice: Invoice,
  matching: ReturnType<typeof createMatching>,
  catalogue: Catalogue,
): Cancellation | TakingBack | undefined {
  const match = matching.take(invoice)
  if (!match) return undefined
  const visit = { invoice: invoice.number, account: invoice.customer, of: match.of }
  if (match.whole) return { kind: 'cancellation', ...visit }
  return { kind: wayBackOf(invoice.number), ...visit, lines: linesOf(invoice, catalogue) }
}

function linesOf({ quantities }: Invoice, { itemOf }: Catalogue): Line[] {
  return [...quantities].map(([key, { row, quantity }]) => ({ item: itemOf(key, row), quantity }))
}

type Catalogue = ReturnType<typeof createCatalogue>

/** Fills the plan's products and items as they are met. */
function createCatalogue(plan: Plan) {
  const items = new Map<string, number>()
  const products = new Map<string, number>()

  function productOf(row: Row): number {
    const known = products.get(row.code)
    if (known !== undefined) return known
    products.set(row.code, plan.products.length)
    return plan.products.push({ code: row.code, name: nameOf(row), items: [] }) - 1
  }

  return {
    /** Index of the item that has this stock code and price, which are the key. */
    itemOf(key: string, row: Row): number {
      const known = items.get(key)
      if (known !== undefined) return known
      const product = productOf(row)
      const item = plan.items.length
      items.set(key, item)
      plan.items.push({ sku: `${row.code}-${row.price}`, price: row.price, product, needed: 0 })
      plan.products[product]!.items.push(item)
      return item
    },
  }
}

/** The file's own words for "nothing is known". */
export function nameOf({ name, code }: Pick<Row, 'name' | 'code'>): string {
  return /^(nan|none|)$/i.test(name.trim()) ? `Article ${code}` : name.trim()
}

/** A sale in the orders that it takes, as long as an order may be. */
export function ordersOf({ lines }: Sale): Line[][] {
  const orders: Line[][] = []
  for (let at = 0; at < lines.length; at += MAX_ORDER_LINES)
    orders.push(lines.slice(at, at + MAX_ORDER_LINES))
  return orders
}

/** What lines cost, in minor units. */
export function worthOf({ items }: Plan, lines: readonly Line[]): number {
  return lines.reduce((sum, { item, quantity }) => sum + items[item]!.price * quantity, 0)
}
