import type { Client, Json } from './client.ts'
import { add, sumOf } from './counting.ts'
import { eachOf } from './crowd.ts'
import { type Expected, FINAL_STATUSES } from './expected.ts'
import { lookUntil } from './patience.ts'
import type { Plan } from './plan.ts'
import type { PlacedOrder } from './shopping.ts'
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
  await lookUntil(
    () => client.read('/metrics'),
    ({ status, text }) => {
      const waiting = [...text.matchAll(/^tradewind_(?:outbox_waiting|consumer_lag_events) (\d+)$/gm)]
      return status !== 200 || waiting.every(([, count]) => count === '0')
    },
  )
}

/** Compares /admin/stats, waiting for the figures to arrive. */
export async function compareStats(verification: Verification): Promise<Finding[]> {
  const { client, token, from } = verification
  return lookUntil(
    async () => statsFindings(verification, await readStats(client, token, from)),
    // Counts of events only grow; what is too much already will not become right.
    (findings) => findings.every(isEqual) || findings.some(isTooMuch),
  )
}

function isEqual({ file, shop }: Finding): boolean {
  return file === shop
}

function isTooMuch({ what, file, shop }: Finding): boolean {
  return what.startsWith('stats: events') && shop > file
}

function statsFindings({ expected, before, currency }: Verification, now: Json): Finding[] {
  const revenue = (stats: Json) => stats.revenue.find((entry: Json) => entry.currency === currency)
  const grown = (read: (stats: Json) => number | undefined) => (read(now) ?? 0) - (read(before) ?? 0)
  const finding = (what: string, file: number, read: (stats: Json) => number | undefined) => ({
    what: `stats: ${what}`,
    file,
    shop: grown(read),
  })
  const { confirmed, delivered, returned } = expected.orders
  return [
    finding('revenue in minor units', expected.revenue, (stats) => revenue(stats)?.amount),
    ...statusesIn(expected).map((status) =>
      finding(`orders ${status}`, expected.orders[status], (stats) => stats.orders.by_status[status]),
    ),
    finding('orders with revenue', confirmed + delivered + returned, (stats) => revenue(stats)?.orders),
    finding('new users', expected.accounts, (stats) => stats.users.new),
    finding('products', expected.products, (stats) => stats.products.total),
    ...Object.entries(expected.events).map(([type, count]) =>
      finding(`events ${type}`, count, (stats) => stats.events.by_type[type]),
    ),
  ]
}

/** Those that orders may end with. */
function statusesIn({ cards }: Expected) {
  return cards ? FINAL_STATUSES : (['confirmed', 'cancelled'] as const)
}

/** The replay's own orders in the staff's list, with what is known of each. */
export async function* listedOrders(
  { client, token, from }: Verification,
  placed: ReadonlyMap<string, PlacedOrder[]>,
): AsyncGenerator<{ order: Json; known: PlacedOrder }> {
  const own = new Map([...placed.values()].flat().map((order) => [order.id, order]))
  let cursor: string | null = ''
  while (cursor !== null) {
    const path = `/orders?limit=${PAGE}&from=${from}${cursor && `&cursor=${encodeURIComponent(cursor)}`}`
    const { status, json }: Json = await client.call({ method: 'GET', path, token })
    if (status !== 200) throw new Error(`GET /orders answered ${status}`)
    for (const order of json.items) {
      const known = own.get(order.id)
      if (!known) continue
      own.delete(order.id)
      yield { order, known }
    }
    cursor = json.next_cursor
  }
}

/** Compares the staff's list of orders with the invoices, order by order. */
export async function compareOrders(
  verification: Verification,
  placed: ReadonlyMap<string, PlacedOrder[]>,
): Promise<Finding[]> {
  const { expected } = verification
  const sums = new Map<string, number>()
  const right = { confirmed: 0, cancelled: 0, delivered: 0, returned: 0 }
  let listed = 0
  let wrong = 0
  for await (const { order, known } of listedOrders(verification, placed)) {
    listed++
    const status = expected.statuses.get(known.invoice)
    if (status !== undefined && order.status === status) right[status]++
    if (order.user_id !== known.user_id || order.status !== status) wrong++
    add(sums, known.invoice, order.total.amount)
  }
  const differing = [...expected.totals].filter(([invoice, total]) => sums.get(invoice) !== total).length
  return [
    { what: 'order list: orders', file: sumOf(Object.values(expected.orders), Number), shop: listed },
    ...statusesIn(expected).map((status) => ({
      what: `order list: ${status}`,
      file: expected.orders[status],
      shop: right[status],
    })),
    { what: 'order list: wrong owner or status', file: 0, shop: wrong },
    { what: 'order list: invoices with another total', file: 0, shop: differing },
  ]
}

/** Compares the stock of every article: all of it sold but what came back. */
export async function compareStock(
  verification: Verification,
  plan: Plan,
  articles: readonly Article[],
): Promise<Finding[]> {
  // Orders are answered before their pieces are sold.
  return lookUntil(
    () => stockFindings(verification, plan, articles),
    (findings) => findings.every(isEqual),
  )
}

async function stockFindings(
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
