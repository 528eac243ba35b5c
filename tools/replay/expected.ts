import { isSale, type Row } from './rows.ts'

/** What the shop's own numbers must say afterwards, counted from the file and not from the plan. */
export interface Expected {
  products: number
  accounts: number
  revenue: number
  orders_confirmed: number
  orders_cancelled: number
  events: Record<string, number>
  /** Totals of the orders of each invoice together. */
  totals: Map<string, number>
  /** Pieces that cancellations brought back, by `code-price`. */
  returned: Map<string, number>
}

const ORDER_LINES = 500

/**
 * Counts the sales of these invoices; `cancelled` are those of them that were cancelled. Which cancellation
 * belongs to which sale is a matter of the plan, everything else comes from the lines.
 */
export async function expectedOf(
  rows: AsyncIterable<Row>,
  { replayed, cancelled }: { replayed: ReadonlySet<string>; cancelled: ReadonlySet<string> },
): Promise<Expected> {
  const totals = new Map<string, number>()
  const articles = new Map<string, Set<string>>()
  const codes = new Set<string>()
  const accounts = new Set<string>()
  const returned = new Map<string, number>()
  for await (const row of rows) {
    if (!isSale(row) || !replayed.has(row.invoice)) continue
    const article = `${row.code}-${row.price}`
    totals.set(row.invoice, (totals.get(row.invoice) ?? 0) + row.quantity * row.price)
    articles.set(row.invoice, (articles.get(row.invoice) ?? new Set()).add(article))
    codes.add(row.code)
    accounts.add(row.customer === '' ? `guest ${row.invoice}` : row.customer)
    if (cancelled.has(row.invoice)) returned.set(article, (returned.get(article) ?? 0) + row.quantity)
  }
  const ordersIn = (invoice: string) => Math.ceil(articles.get(invoice)!.size / ORDER_LINES)
  const orders = sum(totals.keys(), ordersIn)
  const orders_cancelled = sum(cancelled, ordersIn)
  const lines = sum(articles.values(), ({ size }) => size)
  return {
    products: codes.size,
    accounts: accounts.size,
    revenue: sum(totals, ([invoice, total]) => (cancelled.has(invoice) ? 0 : total)),
    orders_confirmed: orders - orders_cancelled,
    orders_cancelled,
    events: {
      page_view: totals.size,
      view_product: lines,
      add_to_cart: lines,
      begin_checkout: orders,
      order_created: orders,
      order_cancelled: orders_cancelled,
      user_registered: accounts.size,
      product_created: codes.size,
    },
    totals,
    returned,
  }
}

function sum<Value>(values: Iterable<Value>, amount: (value: Value) => number): number {
  let total = 0
  for (const value of values) total += amount(value)
  return total
}
