import { type Benchmark, type Row, whole } from './row.ts'
import { call } from './support/client.ts'
import { loops } from './support/load.ts'
import { startShop } from './support/process.ts'
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
    const get = (paths: readonly string[]) =>
      rate(seconds, (turn) => call(shop.url, { path: paths[turn % paths.length]! }))
    note('GET /products/{id}', await get(ids.map((id) => `/products/${id}`)))
    note(
      'GET /products by category and price',
      await get(categories.map((id) => `/products?category=${id}&sort=price`)),
    )
    note('GET /products?q=', await get(words.slice(0, 500).map((word) => `/products?q=${word}`)))
    await shop.stop()
  }
  for (const events of EVENTS) {
    const shop = await startShop({ directory: await logWithEvents(events) })
    const send = (turn: number) =>
      call(shop.url, {
        method: 'POST',
        path: '/events',
        body: { type: 'page_view', anonymous_id: `v-${turn % 100}`, url: '/' },
      })
    note('POST /events, one event', await rate(seconds, send))
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

async function rate(seconds: number, step: (turn: number) => Promise<unknown>): Promise<number> {
  let turn = 0
  const next = () => step(turn++)
  await loops(CONNECTIONS, 1, next)
  return (await loops(CONNECTIONS, seconds, next)).per_second
}
