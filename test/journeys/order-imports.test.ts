import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { USERS } from '../../src/shop/users/schema.ts'
import { comingAgain } from '../support/come-again.ts'
import { everything } from '../support/log.ts'
import { type RunningShop, type SignedInClient, startShop } from '../support/shop.ts'
import { exported, finished, importRows, lines, NDJSON } from '../support/uploads.ts'

const usd = (amount: number) => ({ amount, currency: 'USD' })
const ADDRESS = { name: 'Ann', line1: 'High Street 1', city: 'Leeds', postal_code: 'LS1', country: 'GB' }
const ORDER = {
  ...{ external_id: 'old-1', placed_at: '2019-03-04T10:00:00+02:00', currency: 'USD' },
  items: [
    { sku: 'LAMP', name: 'Lamp', quantity: 2, unit_price: 1_000 },
    { sku: 'GONE', name: 'Not sold any more', quantity: 1, unit_price: 500 },
  ],
  ...{ shipping: 300, tax: 100, discount: 200, total: 2_700, shipping_address: ADDRESS },
}
const MARCH = '/admin/stats?from=2019-03-01T00:00:00Z&to=2019-04-01T00:00:00Z'

let shop: RunningShop
let owner: SignedInClient
let ann: SignedInClient
before(async () => {
  shop = await startShop()
  owner = await shop.asSuper()
  ann = await shop.registerCustomer()
  await owner.post('/products', { sku: 'LAMP', name: 'Lamp', price: usd(2_000), stock: 5 })
})
after(() => shop.stop())

test('an order of another shop counts on its day, stands in the history of its customer, and takes no stock', async () => {
  const raw = lines([{ ...ORDER, email: ann.email.toUpperCase() }])
  const job = await importRows(owner, '/orders/import', { raw })
  assert.deepEqual(job.results, { created: 1, updated: 0, unchanged: 0, refused: 0 })
  assert.equal(job.verdicts[0].key, 'old-1')
  const { items } = (await ann.get('/orders')).body
  assert.equal(items.length, 1)
  const [order] = items
  assert.deepEqual(
    [order.status, order.payment_status, order.created_at, order.total, order.external_id, order.id],
    ['delivered', 'paid', '2019-03-04T08:00:00.000Z', usd(2_700), 'old-1', job.verdicts[0].id],
  )
  assert.deepEqual([order.items[0].unit_price, order.items[0].line_total], [usd(1_000), usd(2_000)])
  assert.match(order.items[0].product_id, /^prd_/)
  assert.equal(order.items[1].product_id, '')
  assert.deepEqual(
    order.history.map(({ to }: typeof order) => to),
    ['pending', 'delivered'],
  )

  await shop.caughtUp()
  const stats = (await owner.get(MARCH)).body
  assert.deepEqual([stats.revenue[0].amount, stats.orders.by_status], [2_700, { delivered: 1 }])
  const [level] = (await owner.get(`/products/${order.items[0].product_id}/stock`)).body.items
  assert.deepEqual([level.on_hand, level.reserved], [5, 0])
  const told = (await everything(shop.application.log, ['ecommerce-orders'])).map(({ event }) => event)
  assert.equal(told.length, 1)
  assert.equal((told[0]!.data as { imported: boolean }).imported, true)
})

test('the same order again changes nothing, whatever else its row says', async () => {
  const raw = lines([{ ...ORDER, total: 2_800, shipping: 400 }, ORDER])
  const job = await importRows(owner, '/orders/import', { raw })
  assert.deepEqual(job.results, { created: 0, updated: 0, unchanged: 2, refused: 0 })
  await shop.caughtUp()
  assert.equal((await owner.get(MARCH)).body.revenue[0].amount, 2_700)
})

test('a row that does not add up, lies in the future or names a stranger is refused', async () => {
  const rows = [
    { ...ORDER, external_id: 'bad-1', total: 1 },
    { ...ORDER, external_id: 'bad-2', placed_at: '2999-01-01T00:00:00Z' },
    { ...ORDER, external_id: 'bad-3', email: 'stranger@example.org' },
    { ...ORDER, external_id: 'bad-4', delivered_at: '2018-01-01T00:00:00Z' },
    { ...ORDER, external_id: 'bad-5', total: undefined, discount: 9_000 },
    { ...ORDER, external_id: 'bad-6', shipping_address: { ...ADDRESS, country: 'ZZ' } },
    { ...ORDER, external_id: 'bad-7', items: [] },
  ]
  const job = await importRows(owner, '/orders/import', { raw: lines(rows) })
  assert.equal(job.results.refused, rows.length)
  assert.deepEqual(
    job.verdicts.map(({ code, errors }: typeof job) => errors[0]?.pointer ?? code),
    [
      '/total',
      '/placed_at',
      'customer_not_found',
      '/delivered_at',
      '/items',
      '/shipping_address/country',
      '/items',
    ],
  )
})

test('a dry run of orders makes none; one without a customer is nobody’s', async () => {
  const raw = lines([{ ...ORDER, external_id: 'guest-1', total: undefined }])
  const dry = await importRows(owner, '/orders/import?dry_run=true', { raw })
  assert.deepEqual([dry.results.created, dry.verdicts[0].id], [1, null])
  const job = await importRows(owner, '/orders/import', { raw })
  assert.equal(job.results.created, 1)
  const order = (await owner.get(`/orders/${job.verdicts[0].id}`)).body
  assert.equal(order.user_id, 'nobody')
  assert.equal((await ann.get(`/orders/${order.id}`)).status, 404)
})

test('money of an imported order can be given back, and its goods come back', async () => {
  const raw = lines([{ ...ORDER, external_id: 'back-1', email: ann.email }])
  const { id } = (await importRows(owner, '/orders/import', { raw })).verdicts[0]
  const refund = await owner.post(`/orders/${id}/refunds`, { amount: usd(100), reason: 'late' })
  assert.equal(refund.status, 201, refund.text)
  const { items } = (await ann.get(`/orders/${id}`)).body
  const [{ product_id, sku }] = items
  const wish = await ann.post(`/orders/${id}/returns`, { items: [{ product_id, sku, quantity: 1 }] })
  assert.equal(wish.status, 201, wish.text)
})

test('orders are exported as lines and as a table with a row for each of their lines', async () => {
  const all = (await exported(owner, '/orders/export'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  assert.deepEqual(
    all.map(({ external_id }) => external_id),
    ['old-1', 'guest-1', 'back-1'],
  )
  const table = (await exported(owner, '/orders/export', 'text/csv')).trim().split('\n')
  assert.match(table[0]!, /^number,id,external_id,.*,quantity,unit_price,line_total$/)
  assert.equal(table.length, 1 + 3 * 2)
  assert.match(table[1]!, /,old-1,2019-03-04T08:00:00\.000Z,delivered,paid,.*,2,1000,2000$/)
  assert.equal(await exported(owner, '/orders/export?from=2020-01-01T00:00:00Z'), '')
  assert.equal((await exported(owner, '/orders/export?status=delivered')).trim().split('\n').length, 3)
  assert.equal((await owner.get('/orders/export?colour=red')).status, 400)
})

test('orders are imported by super_admins only, and as NDJSON only', async () => {
  const staff = await shop.asStaff()
  assert.equal((await staff.request('POST', '/orders/import', { raw: '{}', headers: NDJSON })).status, 403)
  assert.equal((await ann.get('/orders/export')).status, 403)
  const table = await owner.request('POST', '/orders/import', {
    raw: 'a\n',
    headers: { 'content-type': 'text/csv' },
  })
  assert.deepEqual([table.status, table.body.code], [415, 'unsupported_media_type'])
  const job = await finished(staff, (await staff.get('/orders/export')).headers.get('x-job-id')!)
  assert.equal(job.kind, 'orders_export')
})

test('what comes back of an imported order comes in as goods do, and leaves to others what they bought', async () => {
  const raw = lines([{ ...ORDER, external_id: 'back-2', email: ann.email }])
  const { id } = (await importRows(owner, '/orders/import', { raw })).verdicts[0]
  const { product_id } = (await ann.get(`/orders/${id}`)).body.items[0]
  const wish = await ann.post(`/orders/${id}/returns`, { items: [{ product_id, quantity: 1 }] })

  const move = async (order: string, back: string, state: string) => {
    const moved = await owner.put(`/orders/${order}/returns/${back}`, { state })
    assert.equal(moved.status, 200, moved.text)
  }
  const stock = `/products/${product_id}/stock`
  const order = { payment_method: 'cash_on_delivery', shipping_address: ADDRESS }
  const bought = await ann.post('/orders', { ...order, items: [{ product_id, quantity: 1 }] })
  assert.equal(bought.status, 201, bought.text)
  for (const state of ['approved', 'received', 'refunded']) await move(id, wish.body.id, state)
  assert.equal((await owner.get(stock)).body.items[0].available, 5)
  // What was sold here is still there to come back.
  for (const status of ['processing', 'shipped', 'delivered'])
    assert.equal((await owner.put(`/orders/${bought.body.id}`, { status })).status, 200)
  const back = { items: [{ product_id, quantity: 1 }] }
  const own = await comingAgain(() => ann.post(`/orders/${bought.body.id}/returns`, back))
  for (const state of ['approved', 'received']) await move(bought.body.id, own.body.id, state)
  await shop.caughtUp()
  const { items: levels, movements } = (await owner.get(`${stock}?include=movements`)).body
  assert.equal(levels[0].available, 6)
  const came = movements.filter(({ quantity }: typeof order & { quantity: number }) => quantity === 1)
  assert.deepEqual(
    came.map(({ movement, reason_code }: Record<string, string>) => [movement, reason_code]),
    [
      ['restock', undefined],
      ['adjust', 'delivery'],
    ],
  )
})

test('address and note are kept for whom confirmed the e-mail alone; of all others the country is', async () => {
  const bob = await shop.registerCustomer()
  const eve = await shop.registerCustomer()
  const users = shop.application.storage.collection(USERS)
  const stored = (await users.get(bob.user.id))!
  await users.replace({ ...stored, email_verified_at: stored.created_at })
  const row = (at: number, email?: string) => ({
    ...ORDER,
    external_id: `whose-${at}`,
    email,
    note: 'Ring twice',
  })
  const raw = lines([row(1, bob.email), row(2, eve.email), row(3)])
  const { verdicts } = await importRows(owner, '/orders/import', { raw })
  const kept = await Promise.all(
    verdicts.map(async ({ id }: { id: string }) => {
      const { shipping_address, note } = (await owner.get(`/orders/${id}`)).body
      return [shipping_address.name, shipping_address.line1, shipping_address.country, note ?? null]
    }),
  )
  const nobody = ['erased', 'erased', 'GB', null]
  assert.deepEqual(kept, [['Ann', 'High Street 1', 'GB', 'Ring twice'], nobody, nobody])
})
