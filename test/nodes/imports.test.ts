import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startNodes } from '../support/nodes.ts'
import { finished, lines, NDJSON } from '../support/uploads.ts'

/** Longer than a lease. */
const LATER_MS = 20_000
const ROWS = 210

test('an import whose node dies is carried on by another, which finds the upload in the storage', async (t) => {
  const shop = await startNodes(t)
  const owner = await shop.asSuper()
  const died = Promise.withResolvers<void>()
  let dead = false
  for (const node of shop.nodes) {
    node.tap((call, run) => {
      if (dead || call.target !== 'job_parts' || call.operation !== 'replace') return run()
      dead = true
      // The verdicts are stored, and nobody hears of it.
      return node.kill().then(died.resolve).then(run)
    })
  }
  const rows = Array.from({ length: ROWS }, (_, at) => ({
    ...{ sku: `N-${at}`, name: `Product ${at}`, price: { amount: 100, currency: 'USD' }, stock: at },
  }))
  const { status, body } = await owner.request('POST', '/products/import', {
    raw: lines(rows),
    headers: NDJSON,
  })
  assert.equal(status, 202)
  await died.promise
  shop.turn(LATER_MS)

  const job = await finished(owner, body.id)
  assert.deepEqual([job.rows_done, job.results.refused], [ROWS, 0])
  const products = (await owner.get('/products/export')).text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  const stock = new Map<string, number>(products.map((product) => [product.sku, product.stock]))
  for (const row of rows) assert.equal(stock.get(row.sku), row.stock)
  assert.equal(products.length, ROWS)
})
