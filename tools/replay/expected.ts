import type { Chosen } from './chosen.ts'
import { add, type Counts, countLines, sumOf } from './counting.ts'
import { type ExpectedCards, expectedCards } from './expected-cards.ts'
import type { Row } from './rows.ts'

export const FINAL_STATUSES = ['confirmed', 'cancelled', 'delivered', 'returned'] as const
export type FinalStatus = (typeof FINAL_STATUSES)[number]

/** What the shop's own numbers must say afterwards, counted from the file and not from the plan. */
export interface Expected {
  products: number
  accounts: number
  revenue: number
  orders: Record<FinalStatus, number>
  events: Record<string, number>
  /** Totals of the orders of each invoice together. */
  totals: Map<string, number>
  /** Of the orders of each invoice. */
  statuses: Map<string, FinalStatus>
  /** Pieces that came back into the stock, by `code-price`. */
  returned: Map<string, number>
  /** Where some pay by card. */
  cards: ExpectedCards | undefined
}

const ORDER_LINES = 500

/**
 * Counts the lines of the chosen invoices. Which cancellation belongs to which sale is a matter of the plan, everything else
 * comes from the lines.
 */
export async function expectedOf(rows: AsyncIterable<Row>, chosen: Chosen): Promise<Expected> {
  const counts = await countLines(rows, chosen)
  const ordersIn = (invoice: string) => Math.ceil(counts.sales.get(invoice)!.pieces.size / ORDER_LINES)
  const cards = chosen.pay === 'card' ? expectedCards(counts, chosen, ordersIn) : undefined
  const statuses = statusesOf(counts, chosen, cards)
  const orders = { confirmed: 0, cancelled: 0, delivered: 0, returned: 0 }
  for (const [invoice, status] of statuses) orders[status] += ordersIn(invoice)
  const made = sumOf(Object.values(orders), (number) => number)
  const lines = sumOf(counts.sales.values(), ({ pieces }) => pieces.size)
  return {
    products: counts.codes.size,
    accounts: counts.accounts.size,
    revenue: sumOf(counts.sales, ([invoice, { total }]) => (chosen.cancelled.has(invoice) ? 0 : total)),
    orders,
    events: {
      page_view: counts.sales.size,
      view_product: lines,
      add_to_cart: lines,
      begin_checkout: made,
      order_created: made,
      order_cancelled: orders.cancelled,
      user_registered: counts.accounts.size,
      product_created: counts.codes.size,
      ...cards?.events,
    },
    totals: new Map(counts.sales.entries().map(([invoice, { total }]) => [invoice, total])),
    statuses,
    returned: returnedPieces(counts, chosen, cards),
    cards,
  }
}

function statusesOf(
  { sales }: Counts,
  { cancelled }: Chosen,
  cards: ExpectedCards | undefined,
): Map<string, FinalStatus> {
  const statusOf = (invoice: string): FinalStatus =>
    cancelled.has(invoice) ? 'cancelled' : (cards?.sent_back.get(invoice) ?? 'confirmed')
  return new Map(sales.keys().map((invoice) => [invoice, statusOf(invoice)]))
}

function returnedPieces({ sales }: Counts, { cancelled }: Chosen, cards: ExpectedCards | undefined) {
  const returned = new Map(cards?.restocked)
  for (const invoice of cancelled)
    for (const [article, quantity] of sales.get(invoice)!.pieces) add(returned, article, quantity)
  return returned
}
