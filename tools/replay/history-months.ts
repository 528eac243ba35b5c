import type { Client, Json } from './client.ts'
import { add } from './counting.ts'
import { timeOf } from './history-orders.ts'
import { lookUntil } from './patience.ts'
import { MAX_ORDER_LINES } from './plan.ts'
import { isSale, type Row } from './rows.ts'
import type { Staff } from './staff.ts'
import type { Finding } from './verify.ts'

/** What the file says of a month. */
export interface Month {
  /** Minor units. */
  revenue: number
  orders: number
}

/** Adds up the lines of the chosen invoices by the month of the invoice, as `2010-12`. */
export async function monthsOf(
  rows: AsyncIterable<Row>,
  chosen: ReadonlySet<string>,
): Promise<Map<string, Month>> {
  const monthOf = new Map<string, string>()
  const revenue = new Map<string, number>()
  const articles = new Map<string, Set<string>>()
  for await (const row of rows) {
    if (!chosen.has(row.invoice) || !isSale(row)) continue
    const month = monthOf.get(row.invoice) ?? timeOf(row.at).slice(0, 7)
    monthOf.set(row.invoice, month)
    add(revenue, month, row.quantity * row.price)
    const known = articles.get(row.invoice) ?? new Set()
    articles.set(row.invoice, known.add(`${row.code} ${row.price}`))
  }
  const orders = new Map<string, number>()
  for (const [invoice, { size }] of articles)
    add(orders, monthOf.get(invoice)!, Math.ceil(size / MAX_ORDER_LINES))
  return new Map(
    [...revenue].sort().map(([month, sum]) => [month, { revenue: sum, orders: orders.get(month)! }]),
  )
}

/** Compares the months of /admin/stats with those of the file, waiting for the figures to arrive. */
export async function compareMonths(
  client: Client,
  staff: Staff,
  expected: ReadonlyMap<string, Month>,
  { currency }: { currency: string },
): Promise<Finding[]> {
  const look = async () => {
    const findings: Finding[] = []
    for (const [month, { revenue, orders }] of expected) {
      const found = await revenueOf(client, await staff(), { month, currency })
      findings.push({ what: `${month}: revenue in minor units`, file: revenue, shop: found?.amount ?? 0 })
      findings.push({ what: `${month}: orders`, file: orders, shop: found?.orders ?? 0 })
    }
    return findings
  }
  return lookUntil(look, (findings) => findings.every(({ file, shop }) => file === shop))
}

async function revenueOf(
  client: Client,
  token: string,
  { month, currency }: { month: string; currency: string },
): Promise<Json> {
  const [year, number] = month.split('-').map(Number) as [number, number]
  const end = new Date(Date.UTC(year, number, 1)).toISOString()
  const path = `/admin/stats?from=${month}-01T00:00:00Z&to=${end}`
  const { status, json } = await client.call({ method: 'GET', path, token })
  if (status !== 200) throw new Error(`GET /admin/stats answered ${status}`)
  return json.revenue.find((entry: Json) => entry.currency === currency)
}
