import { setTimeout as pause } from 'node:timers/promises'
import type { Client, Json } from './client.ts'
import { eachOf } from './crowd.ts'
import type { Expected } from './expected.ts'
import type { Plan } from './plan.ts'
import type { PlacedOrder } from './shopper.ts'
import type { Article } from './staff.ts'

/** One comparison of the shop's own numbers with what the file says. */
export interface Finding {
  what: string
  file: number
  shop: number
}

export interface Verification {
  client: Client
  token: string
  currency: string
  expected: Expected
  /** The shop's figures before the replay; only what came on top is compared. */
  before: Json
  /** Whole hour at or before the start. */
  from: string
}

const HOUR_MS = 3_600_000
/** How long the figures may take to follow after the last request. */
const PATIENCE_MS = 60_000
const POLL_MS = 250
const READERS = 8
const PAGE = 100

/** The figures from the hour of the start to the end of the running one. */
export async function readStats(client: Client, token: string, from: string): Promise<Json> {
  const to = new Date(Math.floor(Date.now() / HOUR_MS) * HOUR_MS + HOUR_MS).toISOString()
  const answer = await client.call({ method: 'GET', path: `/admin/stats?from=${from}&to=${to}`, token })
  if (answer.status !== 200) throw new Error(`GET /admin/stats answered ${answer.status}`)
  return answer.json
}

/** Waits until what happened before has been counted, as far as the shop shows it to whoever asks from here. */
export async function figuresAtRest(client: Client): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS
  while (performance.now() < deadline) {
    const { status, text } = await client.read('/metrics')
    const waiting = [...text.matchAll(/^tradewind_(?:outbox_waiting|consumer_lag_events) (\d+)$/gm)]
    if (status !== 200 || waiting.every(([, count]) => count === '0')) return
    await pause(POLL_MS)
  }
}

/** Compares /admin/stats, waiting for the figures to arrive. */
export async function compareStats(verification: Verification): Promise<Finding[]> {
  const { client, token, from } = verification
  const deadline = performance.now() + PATIENCE_MS
  for (;;) {
    const findings = statsFindings(verification, await readStats(client, token, from))
    // Counts of events only grow; what is too much already will not become right.
    const more = findings.some(({ what, file, shop }) => what.startsWith('stats: events') && shop > file)
    if (more || findings.every(({ file, shop }) => file === shop) || performance.now() > deadline)
      return findings
    await pause(POLL_MS)
  }
}

function statsFindings({ expected, before, currency }: Verification, now: Json): Finding[] {
  const revenue = (stats: Json) => stats.revenue.find((entry: Json) => entry.currency === currency)
  const grown = (read: (stats: Json) => number | undefined) => (read(now) ?? 0) - (read(before) ?? 0)
  const finding = (what: string, file: number, read: (stats: Json) => number | undefined) => ({
    what: `stats: ${what}`,
    file,
    shop: grown(read),
  })
  return [
    finding('revenue in minor units', expected.revenue, (stats) => revenue(stats)?.amount),
    finding('orders confirmed', expected.orders_confirmed, (stats) => stats.orders.by_status.confirmed),
    finding('orders cancelled', expected.orders_cancelled, (stats) => stats.orders.by_status.cancelled),
    finding('orders with revenue', expected.orders_confirmed, (stats) => revenue(stats)?.orders),
    finding('new users', expected.accounts, (stats) => stats.users.new),
    finding('products', expected.products, (stats) => stats.products.total),
    ...Object.entries(expected.events).map(([type, count]) =>
      finding(`events ${type}`, count, (stats) => stats.events.by_type[type]),
    ),
  ]
}

/** Compares the staff's list of orders with the invoices, order by order. */
export async function compareOrders(
  { client, token, expected, from }: Verification,
  placed: ReadonlyMap<string, PlacedOrder[]>,
  cancelled: ReadonlySet<string>,
): Promise<Finding[]> {
  const own = new Map([...placed.values()].flat().map((order) => [order.id, order]))
  const sums = new Map<string, number>()
  const counts = { listed: 0, confirmed: 0, cancelled: 0, wrong: 0 }
  let cursor: string | null = ''
  while (cursor !== null) {
    const path = `/orders?limit=${PAGE}&from=${from}${cursor && `&cursor=${encodeURIComponent(cursor)}`}`
    const { status, json }: Json = await client.call({ method: 'GET', path, token })
    if (status !== 200) throw new Error(`GET /orders answered ${status}`)
    for (const order of json.items) {
      const known = own.get(order.id)
      if (!known) continue
      own.delete(order.id)
      counts.listed++
      const status = cancelled.has(known.invoice) ? 'cancelled' : 'confirmed'
      counts[status] += Number(order.status === status)
      if (order.user_id !== known.user_id || order.status !== status) counts.wrong++
      sums.set(known.invoice, (sums.get(known.invoice) ?? 0) + order.total.amount)
    }
    cursor = json.next_cursor
  }
  const differing = [...expected.totals].filter(([invoice, total]) => sums.get(invoice) !== total).length
  return [
    {
      what: 'order list: orders',
      file: expected.orders_confirmed + expected.orders_cancelled,
      shop: counts.listed,
    },
    { what: 'order list: confirmed', file: expected.orders_confirmed, shop: counts.confirmed },
    { what: 'order list: cancelled', file: expected.orders_cancelled, shop: counts.cancelled },
    { what: 'order list: wrong owner or status', file: 0, shop: counts.wrong },
    { what: 'order list: invoices with another total', file: 0, shop: differing },
  ]
}

/** Compares the stock of every article: all of it sold but what cancellations brought back. */
export async function compareStock(
  { client, token, expected }: Verification,
  plan: Plan,
  articles: readonly Article[],
): Promise<Finding[]> {
  const pieces = { on_hand: 0, reserved: 0 }
  let differing = 0
  await eachOf(plan.products, READERS, async (product) => {
    const { product_id } = articles[product.items[0]!]!
    const { status, json } = await client.call({
      method: 'GET',
      path: `/products/${product_id}/stock`,
      token,
    })
    if (status !== 200) throw new Error(`GET /products/${product_id}/stock answered ${status}`)
    for (const item of product.items) {
      const { sku } = articles[item]!
      const level = json.items.find((entry: Json) => sku === undefined || entry.sku === sku)
      pieces.on_hand += level?.on_hand ?? 0
      pieces.reserved += level?.reserved ?? 0
      const returned = expected.returned.get(plan.items[item]!.sku) ?? 0
      if (level?.on_hand !== returned || level?.available !== returned) differing++
    }
  })
  const returned = [...expected.returned.values()].reduce((sum, quantity) => sum + quantity, 0)
  return [
    { what: 'stock: pieces on hand', file: returned, shop: pieces.on_hand },
    { what: 'stock: pieces reserved', file: 0, shop: pieces.reserved },
    { what: 'stock: articles with another level', file: 0, shop: differing },
  ]
}
