import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { forgetPair, pairEnvironment } from '../support/pair.ts'
import { freePort, type ServerProcess, startServer } from './server.ts'

const KILLS = 3
/** IMPORT_PRODUCTS makes it larger. A multiple of three. */
const PRODUCTS = Number(process.env.IMPORT_PRODUCTS ?? 900)
const POLL_MS = 2
const ADMIN = { email: 'admin@ecommerce.com', password: 'admin123' }
const CSV = { 'content-type': 'text/csv' }

const folder = mkdtempSync(join(tmpdir(), 'tradewind-imports-'))
const directory = join(folder, 'data')
let server: ServerProcess | undefined
after(async () => {
  await server?.kill()
  await forgetPair(directory)
  rmSync(folder, { recursive: true, force: true })
})

async function start(): Promise<string> {
  server = await startServer({
    ...{ directory, port: await freePort(), output: join(folder, 'output') },
    environment: await pairEnvironment(directory),
  })
  return `http://127.0.0.1:${server.port}`
}

async function signIn(url: string): Promise<Record<string, string>> {
  const answer = await fetch(`${url}/auth/login`, {
    ...{ method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(ADMIN) },
  })
  const { access_token } = (await answer.json()) as { access_token: string }
  return { authorization: `Bearer ${access_token}` }
}

/** Every third product has two variants, a row each. */
function table(): string {
  const rows = ['slug,sku,name,currency,price,variant,stock']
  for (let at = 0; at < PRODUCTS; at++) {
    const start = `product-${at},P-${at}`
    if (at % 3 > 0) rows.push(`${start},Product ${at},USD,${at + 1},,${at % 7}`)
    else
      rows.push(
        `${start},Product ${at},USD,${at + 1},"{""size"":""S""}",${at % 7}`,
        `${start}-M,,,,"{""size"":""M""}",${at % 5}`,
      )
  }
  return rows.join('\n')
}

/** The job when it is over, or has gone on from `beyond` rows. */
async function lookAt(
  url: string,
  headers: Record<string, string>,
  id: string,
  beyond = Number.POSITIVE_INFINITY,
) {
  for (;;) {
    const answer = await fetch(`${url}/admin/jobs/${id}?limit=1`, { headers })
    // biome-ignore lint/suspicious/noExplicitAny: an answer of the API
    const job = (await answer.json()) as any
    if (job.state === 'done' || job.rows_done > beyond) return job
    await delay(POLL_MS)
  }
}

test('an import that is killed three times in the middle goes on by itself: no product twice, none missing', async (t) => {
  let url = await start()
  let headers = await signIn(url)
  const taken = await fetch(`${url}/products/import`, {
    method: 'POST',
    headers: { ...headers, ...CSV },
    body: table(),
  })
  assert.equal(taken.status, 202)
  const { id, rows } = (await taken.json()) as { id: string; rows: number }

  for (let kill = 0; kill < KILLS; kill++) {
    const job = await lookAt(url, headers, id, (rows * kill) / KILLS)
    assert.ok(job.rows_done < rows, `killed in the middle: ${job.rows_done} of ${rows}`)
    t.diagnostic(`killed after ${job.rows_done} of ${rows} rows`)
    await server!.kill()
    url = await start()
    headers = await signIn(url)
  }

  const job = await lookAt(url, headers, id)
  assert.deepEqual([job.rows_done, job.rows], [rows, rows])
  assert.deepEqual(job.results, { created: PRODUCTS, updated: 0, unchanged: 0, refused: 0 })
  const exported = await (await fetch(`${url}/products/export`, { headers })).text()
  const products = exported
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  assert.equal(products.length, PRODUCTS)
  const stock = new Map(
    products.flatMap((one) => (one.variants ?? [one]).map((form: typeof one) => [form.sku, form.stock])),
  )
  for (let at = 0; at < PRODUCTS; at++) {
    assert.equal(stock.get(`P-${at}`), at % 7)
    if (at % 3 === 0) assert.equal(stock.get(`P-${at}-M`), at % 5)
  }
  assert.equal(stock.size, PRODUCTS + PRODUCTS / 3)
  assert.equal(await server!.stop(), 0)
})
