import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import { someProducts } from '../support/any-products.ts'
import { everything } from '../support/log.ts'
import { type RunningShop, type SignedInClient, startShop } from '../support/shop.ts'
import { CSV, exported, finished, importRows, lines, NDJSON } from '../support/uploads.ts'

const usd = (amount: number) => ({ amount, currency: 'USD' })
const LAMP = { sku: 'LAMP', name: 'Lamp', price: usd(2_000), stock: 5, tags: ['light'] }
const SHIRT = {
  ...{
    slug: 'linen-shirt',
    name: 'Shirt',
    price: usd(4_000),
    options: [{ name: 'size', values: ['S', 'M', 'L'] }],
  },
  variants: [
    { sku: 'SHIRT-S', options: { size: 'S' }, stock: 3 },
    { sku: 'SHIRT-M', options: { size: 'M' }, price: usd(4_500), stock: 4 },
  ],
}

let shop: RunningShop
let staff: SignedInClient
before(async () => {
  shop = await startShop()
  staff = await shop.asStaff()
})
after(() => shop.stop())

async function productOf(sku: string) {
  const { text } = await staff.get('/products/export')
  const row = text.split('\n').find((line) => line.includes(`"${sku}"`))
  return row && JSON.parse(row)
}

test('rows make products, and the same rows again change nothing', async () => {
  const first = await importRows(staff, '/products/import', { raw: lines([LAMP, SHIRT]) })
  assert.deepEqual(first.results, { created: 2, updated: 0, unchanged: 0, refused: 0 })
  assert.deepEqual([first.state, first.rows, first.rows_done, first.by], ['done', 2, 2, staff.user.id])
  assert.deepEqual(
    first.verdicts.map(({ row, key, result }: typeof first) => [row, key, result]),
    [
      [1, 'LAMP', 'created'],
      [2, 'SHIRT-S', 'created'],
    ],
  )
  const stock = (await staff.get(`/products/${first.verdicts[1].id}/stock`)).body.items
  assert.deepEqual(
    stock.map(({ sku, on_hand }: typeof first) => [sku, on_hand]),
    [
      ['SHIRT-S', 3],
      ['SHIRT-M', 4],
    ],
  )
  const before = (await staff.get(`/products/${first.verdicts[1].id}`)).body.version
  const again = await importRows(staff, '/products/import', { raw: lines([LAMP, SHIRT]) })
  assert.deepEqual(again.results, { created: 0, updated: 0, unchanged: 2, refused: 0 })
  assert.equal((await staff.get(`/products/${first.verdicts[1].id}`)).body.version, before)

  await shop.caughtUp()
  const told = (await everything(shop.application.log, ['ecommerce-operations'])).map(({ event }) => event)
  const ends = told.filter(({ type }) => type === 'import_finished')
  const end = ends.find(({ subject }) => subject === `jobs/${first.id}`)
  assert.deepEqual(end!.data, {
    ...{ job_id: first.id, kind: 'products_import', dry_run: false, rows: 2 },
    ...first.results,
  })
  assert.equal(ends.length, 2)
})

test('a row changes the fields that it has; a SKU of several brings its price and its stock', async () => {
  const changes = [
    { sku: 'LAMP', price: usd(1_900) },
    { sku: 'SHIRT-M', stock: 9 },
    { sku: 'SHIRT-S', price: usd(3_900) },
    { sku: 'SHIRT-S', name: 'Other' },
  ]
  const job = await importRows(staff, '/products/import', { raw: lines(changes) })
  assert.deepEqual(job.results, { created: 0, updated: 3, unchanged: 0, refused: 1 })
  assert.deepEqual(job.verdicts[3].errors[0].pointer, '/name')
  const lamp = await productOf('LAMP')
  assert.deepEqual([lamp.price, lamp.name, lamp.stock, lamp.tags], [usd(1_900), 'Lamp', 5, ['light']])
  assert.deepEqual((await productOf('SHIRT-M')).variants, [
    { sku: 'SHIRT-S', options: { size: 'S' }, price: usd(3_900), stock: 3 },
    { sku: 'SHIRT-M', options: { size: 'M' }, price: usd(4_500), stock: 9 },
  ])
})

test('a dry run says what would come of it and changes nothing', async () => {
  const before = await exported(staff, '/products/export')
  const rows = [
    { ...LAMP, sku: 'DRY-1' },
    { sku: 'LAMP', price: usd(1) },
    { sku: 'LAMP', price: usd(1_900) },
    { sku: 'DRY-2' },
    { sku: 'DRY-3', slug: 'linen-shirt', name: 'Taken', price: usd(1) },
    { ...LAMP, sku: 'DRY-4', category_ids: ['cat_no'] },
  ]
  const job = await importRows(staff, '/products/import?dry_run=true', { raw: lines(rows) })
  assert.equal(job.dry_run, true)
  assert.deepEqual(
    job.verdicts.map(({ result }: typeof job) => result),
    ['created', 'updated', 'unchanged', 'refused', 'refused', 'refused'],
  )
  assert.equal(await exported(staff, '/products/export'), before)
})

test('in a table rows with one slug are one product, and a column that is not there leaves its field', async () => {
  const table = [
    'slug,sku,name,currency,price,variant,variant_price,stock,tags',
    'mug,MUG-B,Mug,USD,900,"{""colour"":""blue""}",,7,kitchen|gift',
    'mug,MUG-R,,,,"{""colour"":""red""}",950,8,',
    'bowl,BOWL,Bowl,USD,1200,,,2,',
    'bowl-2,BOWL-2,Bowl,USD,12.50,,,2,',
  ]
  const job = await importRows(staff, '/products/import', { raw: table.join('\n'), headers: CSV })
  assert.deepEqual(
    job.verdicts.map(({ row, rows, result }: typeof job) => [row, rows, result]),
    [
      [2, 2, 'created'],
      [4, 1, 'created'],
      [5, 1, 'refused'],
    ],
  )
  assert.match(job.verdicts[2].errors[0].message, /whole number of minor units/)
  const mug = await productOf('MUG-B')
  assert.deepEqual(
    [mug.tags, mug.options],
    [['kitchen', 'gift'], [{ name: 'colour', values: ['blue', 'red'] }]],
  )
  assert.deepEqual(mug.variants[1], { sku: 'MUG-R', options: { colour: 'red' }, price: usd(950), stock: 8 })

  const stock = 'sku,stock\nMUG-R,1\nBOWL,0\n'
  const second = await importRows(staff, '/products/import', { raw: stock, headers: CSV })
  assert.equal(second.results.updated, 2)
  const after = await productOf('MUG-B')
  assert.deepEqual(
    [after.variants[0].stock, after.variants[1].stock, after.tags],
    [7, 1, ['kitchen', 'gift']],
  )

  const emptied = await importRows(staff, '/products/import', { raw: 'sku,tags\nMUG-R,\n', headers: CSV })
  assert.equal(emptied.results.refused, 1)
  const byProduct =
    'slug,sku,variant,tags\nmug,MUG-B,"{""colour"":""blue""}",\nmug,MUG-R,"{""colour"":""red""}",\n'
  assert.equal(
    (await importRows(staff, '/products/import', { raw: byProduct, headers: CSV })).results.updated,
    1,
  )
  const last = await productOf('MUG-B')
  assert.deepEqual([last.tags, last.variants[1].price], [[], usd(950)])
})

test('an export is imported again without a change, as lines and as a table', async () => {
  for (const [accept, headers] of [
    ['application/x-ndjson', NDJSON],
    ['text/csv', CSV],
  ] as const) {
    const before = await exported(staff, '/products/export', accept)
    const job = await importRows(staff, '/products/import', { raw: before, headers })
    const { created, updated, refused } = job.results
    assert.deepEqual({ created, updated, refused }, { created: 0, updated: 0, refused: 0 }, accept)
    assert.equal(await exported(staff, '/products/export', accept), before)
  }
})

test('whatever products say, their table goes back into the shop without a change', async () => {
  let run = 0
  await fc.assert(
    fc.asyncProperty(someProducts, async (rows) => {
      run += 1
      // Other products each time; categories would have to be there.
      const raw = lines(rows.map((row) => ({ ...row, category_ids: [] })))
        .replaceAll('"SKU-', `"RUN-${run}-`)
        .replaceAll('"product-', `"run-${run}-`)
      const made = await importRows(staff, '/products/import', { raw })
      assert.equal(made.results.refused, 0, JSON.stringify(made.verdicts))
      const table = await exported(staff, '/products/export', 'text/csv')
      const back = await importRows(staff, '/products/import', { raw: table, headers: CSV })
      assert.deepEqual([back.results.updated, back.results.refused], [0, 0], JSON.stringify(back.verdicts))
      assert.equal(await exported(staff, '/products/export', 'text/csv'), table)
    }),
    { numRuns: 4 },
  )
})

test('an import that is sent again under its Idempotency-Key is the same job', async () => {
  const send = (sku: string, path = '/products/import') =>
    staff.request('POST', path, {
      raw: lines([{ ...LAMP, sku }]),
      headers: { ...NDJSON, 'idempotency-key': 'import-once' },
    })
  const first = await send('KEY-1')
  const again = await send('KEY-1')
  assert.deepEqual([first.status, again.status, again.body.id], [202, 202, first.body.id])
  assert.equal(again.headers.get('idempotent-replayed'), 'true')
  assert.equal((await finished(staff, first.body.id)).results.created, 1)
  for (const other of [await send('KEY-OTHER'), await send('KEY-1', '/products/import?dry_run=true')])
    assert.deepEqual([other.status, other.body.code], [422, 'idempotency_key_reused'])
})

test('only staff import and export, and an export tells of itself', async () => {
  const customer = await shop.registerCustomer()
  assert.equal((await customer.post('/products/import', 'x', NDJSON)).status, 403)
  assert.equal((await customer.get('/products/export')).status, 403)
  assert.equal((await shop.asGuest().get('/products/export')).status, 401)
  assert.equal((await staff.get('/products/export', { accept: 'text/html' })).status, 406)
  const { headers } = await staff.get('/products/export', { accept: 'text/csv' })
  assert.match(headers.get('content-disposition')!, /filename="products\.csv"/)
  const job = await finished(staff, headers.get('x-job-id')!)
  assert.deepEqual([job.kind, job.state, job.rows === job.rows_done], ['products_export', 'done', true])
})

test('a product that is called as the address of the export has another one', async () => {
  const job = await importRows(staff, '/products/import', {
    raw: lines([{ ...LAMP, sku: 'EXPORT', name: 'Export' }]),
  })
  const { slug } = (await staff.get(`/products/${job.verdicts[0].id}`)).body
  assert.match(slug, /^export-/)
  assert.equal((await staff.post('/products', { name: 'x', price: usd(1), slug: 'export' })).status, 422)
})
