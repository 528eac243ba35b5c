import { randomUUID } from 'node:crypto'
import { type Benchmark, type Row, whole } from './row.ts'
import { inTurn, type LoadOptions, load } from './support/load.ts'
import { startShop, type Target } from './support/process.ts'
import { seededFolder } from './support/seed.ts'
import { logWithEvents } from './support/seed-log.ts'

const PRODUCTS = [10_000, 100_000, 1_000_000]
const EVENTS = [100_000, 1_000_000, 10_000_000]
const CONNECTIONS = 16
/** Ten times as much may slow a route down by this. */
const MOST_TIMES_SLOWER = 2

/** How each route fares when products and events grow tenfold. */
export const growth: Benchmark = async ({ seconds }) => {
  const rows: Row[] = []
  const rates = new Map<string, number[]>()
  const note = (what: string, rate: number) => rates.set(what, [...(rates.get(what) ?? []), rate])
  for (const products of PRODUCTS) {
    const { directory, ids, words, categories } = await seededFolder(products)
    const shop = await startShop({ directory })
    const get = (paths: readonly string[]) => rate(shop, seconds, inTurn(paths.map((path) => ({ path }))))
    note('GET /products/{id}', await get(ids.map((id) => `/products/${id}`)))
    note(
      'GET /products by category and price, pages kept',
      await get(categories.map((id) => `/products?category=${id}&sort=price`)),
    )
    note('GET /products?q=', await get(words.slice(0, 500).map((word) => `/products?q=${word}`)))
    await shop.stop()
  }
  for (const events of EVENTS) {
    const shop = await startShop({ directory: await logWithEvents(events) })
    const send = (visitor: number) => [
      {
        method: 'POST',
        path: '/events',
        body: {
          type: 'page_view',
          anonymous_id: `visitor-${visitor}`,
          event_id: randomUUID(),
          timestamp: new Date().toISOString(),
          url: '/',
        },
      },
    ]
    note('POST /events, one event', await rate(shop, seconds, send))
    await shop.stop()
  }
  for (const [what, [small = 0, middle = 0, large = 0]] of rates) {
    const met = middle * MOST_TIMES_SLOWER >= small && large * MOST_TIMES_SLOWER >= middle
    rows.push({
      what,
      got: [small, middle, large].map((value) => `${whole(value)}/s`).join(' → '),
      goal: 'each tenfold at most 2 × slower',
      met,
    })
  }
  return rows
}

async function rate({ url }: Target, seconds: number, round: LoadOptions['round']): Promise<number> {
  return (await load({ url, seconds, connections: CONNECTIONS, round })).per_second
}
