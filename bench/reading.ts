import { atLeast, atMost, type Benchmark, known, type Row, ratio, type Settings, whole } from './row.ts'
import { call, signInAsAdministrator } from './support/client.ts'
import { inTurn, type Load, load, repeated } from './support/load.ts'
import { startShop, type Target } from './support/process.ts'
import { type Seeded, seededFolder } from './support/seed.ts'
import { besideBare } from './support/yardstick.ts'

const SMALL = 10_000
const LARGE = 1_000_000
const SAMPLE = 2_000
const CHANGES_PER_SECOND = 20

async function withShop(
  products: number,
  use: (shop: Target, seeded: Seeded) => Promise<Row[]>,
): Promise<Row[]> {
  const seeded = await seededFolder(products)
  const shop = await startShop({ directory: seeded.directory })
  try {
    return await use(shop, seeded)
  } finally {
    await shop.stop()
  }
}

function gets(paths: readonly string[]) {
  return inTurn(shuffled(paths).map((path) => ({ path })))
}

export const product: Benchmark = (settings) => measureProduct(settings, SMALL, 0.6)
export const productLarge: Benchmark = (settings) => measureProduct(settings, LARGE, 0.25)

function measureProduct({ runs, seconds }: Settings, products: number, goal: number): Promise<Row[]> {
  return withShop(products, async (shop, { ids }) => {
    const round = gets(spread(ids, products === SMALL ? SMALL : ids.length).map((id) => `/products/${id}`))
    const bytes = await (await fetch(`${shop.url}/products/${ids[0]}`)).text()
    const { got, bare } = await besideBare(bytes, { url: shop.url, runs, seconds, round })
    const what = `GET /products/{id} (${bytes.length} bytes), ${products.toLocaleString('en')} products`
    const latency = [
      atMost('the same, p99', got.p99_ms, 5, 'ms'),
      known('bare Fastify in the same turn, p99', bare.p99_ms, 'ms'),
    ]
    return [
      ratio(what, got.per_second, { of: bare.per_second, goal }),
      ...(products === SMALL ? latency : []),
      atMost('the most memory meanwhile', shop.most_rss(), 400, 'MB'),
    ]
  })
}

/** Pages of 20 with the filters and sorts that shoppers mix. */
function listPaths(seeded: Seeded): string[] {
  const sorts = ['-created_at', 'price', '-price', 'name', '-sold', '-rating']
  const paths: string[] = []
  for (let number = 0; number < SAMPLE; number++) {
    const parameters = new URLSearchParams({ sort: sorts[number % sorts.length]! })
    if (number % 2 === 0) parameters.set('category', seeded.categories[number % seeded.categories.length]!)
    if (number % 5 === 0) parameters.set('tag', `tag-${number % 50}`)
    if (number % 7 === 0) parameters.set('min_price', String(500 + (number % 40) * 100))
    paths.push(`/products?${parameters}`)
  }
  return paths
}

export const list: Benchmark = ({ runs, seconds }) =>
  withShop(SMALL, async (shop, seeded) => {
    const bytes = await (await fetch(`${shop.url}/products?sort=price`)).text()
    const round = gets(listPaths(seeded))
    const { got, bare } = await besideBare(bytes, { url: shop.url, runs, seconds, round })
    const changing = await whileChanging(shop, seeded, () =>
      repeated(runs, { url: shop.url, seconds, round }),
    )
    return [
      atLeast('GET /products, 20 of 10,000, filtered and sorted, pages kept', got.per_second, 5_000, '/s'),
      ratio('the same, against the ceiling', got.per_second, { of: bare.per_second, goal: 0.25 }),
      atLeast(
        `the same while ${whole(changing.changes_per_second)} prices a second change, so that few pages are kept`,
        changing.got.per_second,
        5_000,
        '/s',
      ),
      atMost('the most memory meanwhile', shop.most_rss(), 400, 'MB'),
    ]
  })

/** Staff change prices all over the catalogue until the measuring is done. */
async function whileChanging({ url }: Target, { ids }: Seeded, measure: () => Promise<Load>) {
  const token = await signInAsAdministrator(url)
  const began = performance.now()
  let tries = 0
  let changed = 0
  const timer = setInterval(() => {
    tries += 1
    // Another price in every run: one that is there already would be no change.
    const body = { price: { amount: 1_000 + ((Date.now() + tries) % 9_000), currency: 'USD' } }
    const path = `/products/${ids[(tries * 31) % ids.length]}`
    call(url, { method: 'PATCH', path, token, body }).then(
      () => changed++,
      (error: Error) => console.error(error.message),
    )
  }, 1_000 / CHANGES_PER_SECOND)
  try {
    const got = await measure()
    return { got, changes_per_second: (changed * 1_000) / (performance.now() - began) }
  } finally {
    clearInterval(timer)
  }
}

/** Beside the small shop in the same run, because the machine is not the same in the next. */
export const listLarge: Benchmark = async (settings) => {
  const measured = async (products: number) => {
    let kept = Number.NaN
    let fresh = Number.NaN
    await withShop(products, async (shop, seeded) => {
      kept = (await measureLists(shop, seeded, settings)).per_second
      const changing = await whileChanging(shop, seeded, () => measureLists(shop, seeded, settings))
      fresh = changing.got.per_second
      return []
    })
    return { kept, fresh }
  }
  const small = await measured(SMALL)
  const large = await measured(LARGE)
  return [
    ratio('GET /products, 20 of 1,000,000 against 20 of 10,000, pages kept', large.kept, {
      of: small.kept,
      goal: 0.5,
    }),
    ratio('the same while prices change', large.fresh, { of: small.fresh, goal: 0.5 }),
  ]
}

function measureLists({ url }: Target, seeded: Seeded, { runs, seconds }: Settings) {
  return repeated(runs, { url, seconds, round: gets(listPaths(seeded)) })
}

export const search: Benchmark = async ({ seconds }) =>
  withShop(LARGE, async (shop, { words }) => {
    const one = gets(spread(words, 200).map((word) => `/products?q=${word}`))
    const prefix = gets(spread(words, 200).map((word) => `/products?q=${word.slice(0, 3)}`))
    const several = gets(
      spread(words, 200).map((word, at) => `/products?q=${word}+${words[(at * 7 + 1) % words.length]}`),
    )
    const rows: Row[] = []
    for (const [what, round, goal] of [
      ['one word', one, 50],
      ['a prefix', prefix, 50],
      ['two words', several, 150],
    ] as const) {
      const got = await load({ url: shop.url, seconds, round, connections: 4 })
      rows.push(
        atMost(
          `search among 1,000,000 products, ${what}, p99 at ${Math.round(got.per_second)}/s`,
          got.p99_ms,
          goal,
          'ms',
        ),
      )
    }
    return rows
  })

/** `count` of them, evenly from the whole. */
function spread<T>(all: readonly T[], count: number): T[] {
  const step = Math.max(1, Math.floor(all.length / count))
  return all.filter((_, index) => index % step === 0)
}

/** In an order of its own, the same in every run: neighbours in the file are not asked for one after the other. */
function shuffled<T>(all: readonly T[]): T[] {
  const place = (index: number) => (index * 2_654_435_761) % 4_294_967_296
  return all
    .map((one, index) => ({ one, at: place(index) }))
    .sort((a, b) => a.at - b.at)
    .map(({ one }) => one)
}
