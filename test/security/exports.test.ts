import assert from 'node:assert/strict'
import { get, type IncomingMessage } from 'node:http'
import { after, before, test } from 'node:test'
import { parse } from 'csv-parse/sync'
import { type RunningShop, type SignedInClient, startShop } from '../support/shop.ts'
import { until } from '../support/until.ts'
import { exported, importRows, lines } from '../support/uploads.ts'

/** As many orders of 500 lines with long names as no socket between two processes holds. */
const LARGE_ORDERS = 60
const MAX_GROWTH_BYTES = 50 * 1_024 * 1_024

let shop: RunningShop
let owner: SignedInClient
before(async () => {
  shop = await startShop()
  owner = await shop.asSuper()
})
after(() => shop.stop())

function largeOrder(at: number) {
  const items = Array.from({ length: 500 }, (_, line) => ({
    ...{ sku: `S-${line}`, name: `${line} `.padEnd(190, 'x'), quantity: 1, unit_price: 1 },
  }))
  return { external_id: `large-${at}`, placed_at: '2020-01-01T00:00:00Z', currency: 'USD', items }
}

test('API4-22 while an export of all orders is read, another one is turned away, and memory stays as it is', async () => {
  const rows = Array.from({ length: LARGE_ORDERS }, (_, at) => largeOrder(at))
  const job = await importRows(owner, '/orders/import', { raw: lines(rows) })
  assert.equal(job.results.created, LARGE_ORDERS)
  await shop.caughtUp()
  const before = process.memoryUsage().rss
  const headers = { authorization: `Bearer ${owner.access_token}` }
  const first = await new Promise<IncomingMessage>((resolve) =>
    get(`${shop.url}/orders/export`, { headers }, resolve),
  )
  assert.equal(first.statusCode, 200)

  for (const path of ['/orders/export', '/products/export']) {
    const second = await owner.get(path)
    assert.deepEqual([second.status, second.body.code], [429, 'export_running'])
    assert.ok(Number(second.headers.get('retry-after')) > 0)
  }
  const running = (await owner.get(`/admin/jobs/${first.headers['x-job-id']}`)).body
  assert.equal(running.state, 'running')
  assert.ok(process.memoryUsage().rss - before < MAX_GROWTH_BYTES)

  let bytes = 0
  for await (const chunk of first) bytes += chunk.length
  assert.ok(bytes > LARGE_ORDERS * 500 * 190)
  await until(async () => (await owner.get('/orders/export?to=2000-01-01T00:00:00Z')).status === 200)
})

test('an export whose reader goes away makes room for the next, and its job has failed', async () => {
  const headers = { authorization: `Bearer ${owner.access_token}` }
  const cut = await new Promise<IncomingMessage>((resolve) =>
    get(`${shop.url}/orders/export`, { headers }, resolve),
  )
  cut.destroy()
  await until(async () => (await owner.get('/orders/export?to=2000-01-01T00:00:00Z')).status === 200)
  await until(async () => (await owner.get(`/admin/jobs/${cut.headers['x-job-id']}`)).body.state === 'failed')
})

test('API8-16 no cell of an exported table is a formula, and the import takes the escape away', async () => {
  const names = ["=cmd|' /C calc'!A0", '+1', '-1', '@SUM(A1)', '\t=1', "'=1", '＝1']
  const row = (name: string, at: number) => ({
    ...{ sku: `CELL-${at}`, name, description: name, tags: [`t${at}`, name.trim()] },
    price: { amount: 1, currency: 'USD' },
  })
  await importRows(owner, '/products/import', { raw: lines(names.map(row)) })
  const csv = await exported(owner, '/products/export', 'text/csv')
  const cells = (parse(csv) as string[][]).flat()
  assert.deepEqual(
    cells.filter((cell) => /^[=+\-@\t\r\n＝＋－＠]/.test(cell)),
    [],
  )
  const headers = { 'content-type': 'text/csv' }
  const job = await importRows(owner, '/products/import', { raw: csv, headers })
  assert.deepEqual([job.results.unchanged, job.results.updated], [names.length, 0])
  const rows = (await exported(owner, '/products/export'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  assert.deepEqual(
    names.map((_, at) => rows.find(({ sku }) => sku === `CELL-${at}`).description),
    names,
  )
})
