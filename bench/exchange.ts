import { setTimeout as delay } from 'node:timers/promises'
import { atMost, known, type Row, type Settings } from './row.ts'
import { signInAsAdministrator } from './support/client.ts'
import { settled, startShop, type Target } from './support/process.ts'

/** BENCH_PRODUCTS makes it smaller, for a look whether it works. */
const PRODUCTS = Number(process.env.BENCH_PRODUCTS ?? 100_000)
const MAX_MB = 250
const POLL_MS = 100
const PIECE = 500

/** 100,000 products in and out again: how fast, and in how much memory. One run is enough: it takes minutes. */
export async function exchange(_settings: Settings): Promise<Row[]> {
  // The first start after a change compiles, and its compiler stays in memory, some 10 MB; this one finds its code compiled.
  await (await startShop()).stop()
  // An import may take longer than an access token usually lives.
  const shop = await startShop({ environment: { ACCESS_TOKEN_TTL: '4h' } })
  const idle_mb = shop.rss()
  const first = await importTable(shop, table())
  const after_import_mb = shop.most_rss()
  await settled(shop)
  const csv = await exportTable(shop)
  const again = await importTable(shop, [csv.text])
  const copy = await exportTable(shop)
  const most_mb = shop.most_rss()
  await shop.stop()
  const taken = first.job.results.created === PRODUCTS && again.job.results.unchanged === PRODUCTS
  if (!taken || copy.text !== csv.text) {
    throw new Error(`not equal: ${JSON.stringify([first.job.results, again.job.results])}`)
  }
  return [
    known(`products imported (CSV), of ${PRODUCTS}`, PRODUCTS / first.seconds, 'rows/s'),
    known('of this the upload', first.upload_seconds, 's'),
    known('products exported (CSV)', PRODUCTS / csv.seconds, 'rows/s'),
    known('imported again without a change', PRODUCTS / again.seconds, 'rows/s'),
    known('exported again, and equal', PRODUCTS / copy.seconds, 'rows/s'),
    known('memory before', idle_mb, 'MB'),
    known('most memory until the first import had ended', after_import_mb, 'MB'),
    atMost('most memory at any time', most_mb, MAX_MB, 'MB'),
  ]
}

function* table(): Generator<string> {
  yield 'slug,sku,name,description,currency,price,tags,attributes,stock\n'
  for (let from = 0; from < PRODUCTS; from += PIECE) {
    let piece = ''
    for (let at = from; at < Math.min(from + PIECE, PRODUCTS); at++) {
      const description = `What there is to say of product ${at}. `.repeat(5)
      piece += `product-${at},SKU-${at},Product ${at},${description},USD,${100 + at},new|series ${at % 50},"{""colour"":""c${at % 9}""}",${at % 100}\n`
    }
    yield piece
  }
}

async function importTable({ url }: Pick<Target, 'url'>, pieces: Iterable<string>) {
  const headers = await signedIn(url)
  const began = performance.now()
  const body = ReadableStream.from(Iterator.from(pieces).map((piece) => Buffer.from(piece)))
  const request = {
    method: 'POST',
    headers: { ...headers, 'content-type': 'text/csv' },
    body,
    duplex: 'half',
  }
  const answer = await fetch(`${url}/products/import`, request as RequestInit)
  if (answer.status !== 202) throw new Error(`${answer.status} ${await answer.text()}`)
  const { id } = (await answer.json()) as { id: string }
  const upload_seconds = (performance.now() - began) / 1_000
  for (;;) {
    const looked = await fetch(`${url}/admin/jobs/${id}?limit=1`, { headers })
    const job = (await looked.json()) as { finished_at: string | null; results: Record<string, number> }
    if (job.finished_at !== null) return { job, upload_seconds, seconds: (performance.now() - began) / 1_000 }
    await delay(POLL_MS)
  }
}

async function exportTable({ url }: Pick<Target, 'url'>) {
  const headers = { ...(await signedIn(url)), accept: 'text/csv' }
  const began = performance.now()
  const text = await (await fetch(`${url}/products/export`, { headers })).text()
  return { text, seconds: (performance.now() - began) / 1_000 }
}

async function signedIn(url: string) {
  return { authorization: `Bearer ${await signInAsAdministrator(url)}` }
}
