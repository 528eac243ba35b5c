import assert from 'node:assert/strict'
import { request } from 'node:http'
import { after, before, test } from 'node:test'
import { JOB_PARTS, JOBS } from '../../src/shop/jobs/schema.ts'
import { sendRaw } from '../support/http-raw.ts'
import { type RunningShop, type SignedInClient, startShop } from '../support/shop.ts'
import { until } from '../support/until.ts'
import { CSV, finished, importRows, lines, NDJSON } from '../support/uploads.ts'

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
  await importRows(staff, '/products/import', { raw: lines([LAMP, SHIRT]) })
})
after(() => shop.stop())

async function productOf(sku: string) {
  const { text } = await staff.get('/products/export')
  const row = text.split('\n').find((line) => line.includes(`"${sku}"`))
  return row && JSON.parse(row)
}

test('each row is judged alone, with every fault, and the good ones are taken', async () => {
  const rows = [
    '{"sku": "GOOD-1", "name": "Good", "price": {"amount": 100, "currency": "USD"}}',
    '{"sku": "BAD-1", "name": "", "price": {"amount": 1.5, "currency": "USD"}, "colour": "red"}',
    '{"sku": "BAD-2", "name": "No price"}',
    'no json',
    '{"name": "No SKU", "price": {"amount": 100, "currency": "USD"}}',
    `{"sku": "BAD-3", "description": "${'x'.repeat(300_000)}"}`,
    '',
    '{"sku": "BAD-4", "name": "Category", "price": {"amount": 1, "currency": "USD"}, "category_ids": ["cat_no"]}',
    '{"sku": "BAD-5", "slug": "linen-shirt", "name": "Slug", "price": {"amount": 1, "currency": "USD"}}',
  ]
  const job = await importRows(staff, '/products/import', { raw: `${rows.join('\r\n')}\n` })
  assert.deepEqual(
    job.verdicts.map(({ row, key, code, errors }: typeof job) => [
      row,
      key,
      code,
      [...new Set(errors.map((fault: typeof job) => fault.pointer))].sort(),
    ]),
    [
      [1, 'GOOD-1', null, []],
      [2, 'BAD-1', 'invalid_row', ['/colour', '/name', '/price/amount']],
      [3, 'BAD-2', 'invalid_row', ['/price']],
      [4, null, 'bad_json', []],
      [5, null, 'invalid_row', ['/sku']],
      [6, null, 'row_too_large', []],
      [8, 'BAD-4', 'invalid_body', ['/category_ids/0']],
      [9, 'BAD-5', 'slug_taken', []],
    ],
  )
  assert.equal(job.verdicts[3].message, 'The row is not valid JSON.')
  assert.equal(job.state, 'done')
})

test('verdicts come in pages, those that refuse also alone, over the parts of an upload', async () => {
  const bad = [10, 50, 101, 105, 110]
  const rows = Array.from({ length: 110 }, (_, at) =>
    bad.includes(at + 1) ? { sku: `PAGE-${at}` } : { sku: 'LAMP', ...(at > 105 && { stock: at }) },
  )
  const { id } = await importRows(staff, '/products/import', { raw: lines(rows) })
  const seen: number[] = []
  let cursor = ''
  do {
    const page = (await staff.get(`/admin/jobs/${id}?limit=60${cursor && `&cursor=${cursor}`}`)).body
    seen.push(...page.verdicts.map(({ row }: typeof page) => row))
    cursor = page.next_cursor ?? ''
  } while (cursor)
  assert.deepEqual(
    seen,
    rows.map((_, at) => at + 1),
  )
  const refused = await finished(staff, id, '?result=refused&limit=3')
  assert.deepEqual(
    refused.verdicts.map(({ row }: typeof refused) => row),
    bad.slice(0, 3),
  )
  const rest = (await staff.get(`/admin/jobs/${id}?result=refused&limit=3&cursor=${refused.next_cursor}`))
    .body
  assert.deepEqual([rest.verdicts.map(({ row }: typeof rest) => row), rest.next_cursor], [bad.slice(3), null])
  // The rows of one SKU are applied in their order.
  assert.equal((await productOf('LAMP')).stock, 108)
})

test('what is no upload of rows is refused as a whole and leaves nothing', async () => {
  const refusal = async (raw: string | Uint8Array, headers: Record<string, string>) => {
    const { status, body } = await staff.request('POST', '/products/import', { raw, headers })
    return [status, body.code]
  }
  const parts = shop.application.storage.collection(JOB_PARTS)
  const known = await parts.count({ index: 'created' })
  assert.deepEqual(await refusal('{}', { 'content-type': 'application/json' }), [
    415,
    'unsupported_media_type',
  ])
  assert.deepEqual(await refusal('', NDJSON), [400, 'empty_upload'])
  assert.deepEqual(await refusal('\n\n', NDJSON), [400, 'empty_upload'])
  assert.deepEqual(await refusal('sku,price\n"A', CSV), [400, 'bad_csv'])
  assert.deepEqual(await refusal('sku,colour,sku\nA,b,c\n', CSV), [422, 'bad_header'])
  assert.deepEqual(await refusal(Buffer.from([0x73, 0x6b, 0x75, 0x0a, 0xff, 0xfe, 0x0a]), CSV), [
    400,
    'bad_encoding',
  ])
  assert.equal((await staff.post('/categories', 'x', CSV)).status, 415)
  assert.deepEqual(await parts.count({ index: 'created' }), known)
  const wrong = await importRows(staff, '/products/import', { raw: 'sku,stock\nLAMP\n', headers: CSV })
  const [uneven] = wrong.verdicts
  assert.deepEqual(
    [uneven.code, uneven.message],
    ['wrong_number_of_cells', 'The row has 1 cells, the header has 2.'],
  )
  const semicolons = await staff.request('POST', '/products/import', {
    raw: 'sku;stock\nA;1\n',
    headers: CSV,
  })
  assert.match(semicolons.body.errors[0].message, /no column "sku;stock".*commas/)
  const cents = await importRows(staff, '/products/import', {
    raw: 'sku,currency,price\nLAMP,USD,1.5\n',
    headers: CSV,
  })
  assert.deepEqual([cents.verdicts[0].key, cents.results.refused], ['LAMP', 1])
  assert.equal((await staff.get('/admin/jobs/job_none')).status, 404)
})

test('behind an upload that is refused in its middle the connection takes the next request', async () => {
  const upload = Buffer.from(`sku,sku\n${'A,B\n'.repeat(300_000)}`)
  const first = [
    'POST /products/import HTTP/1.1',
    'host: shop',
    `authorization: Bearer ${staff.access_token}`,
    'content-type: text/csv',
    `content-length: ${upload.length}`,
  ].join('\r\n')
  const next = 'GET /health/live HTTP/1.1\r\nhost: shop\r\nconnection: close\r\n\r\n'
  const answers = await sendRaw(
    shop.url,
    Buffer.concat([Buffer.from(`${first}\r\n\r\n`), upload, Buffer.from(next)]),
  )
  assert.match(answers, /^HTTP\/1\.1 422 .*HTTP\/1\.1 200 /s)
})

test('an upload that is broken off leaves nothing', async () => {
  const { storage } = shop.application
  const jobs = storage.collection(JOBS)
  const open = () => jobs.list({ index: 'open', limit: 10 })
  const upload = request(`${shop.url}/products/import`, {
    method: 'POST',
    headers: { ...NDJSON, authorization: `Bearer ${staff.access_token}` },
  })
  upload.on('error', () => {})
  upload.write(lines(Array.from({ length: 150 }, (_, at) => ({ sku: `CUT-${at}` }))))
  let job: { id: string } | undefined
  await until(async () => {
    job = (await open()).items[0]
    return job !== undefined && (await storage.collection(JOB_PARTS).get(`${job.id}/000000`)) !== undefined
  })
  upload.destroy()
  await until(async () => (await open()).items.length === 0)
  assert.equal(await storage.collection(JOB_PARTS).get(`${job!.id}/000000`), undefined)
  assert.equal((await staff.get(`/admin/jobs/${job!.id}`)).status, 404)
})
