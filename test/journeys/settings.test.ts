import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { everything } from '../support/log.ts'
import { type RunningShop, type SignedInClient, startShop } from '../support/shop.ts'

const ADDRESS = { name: 'Ann', line1: 'High Street 1', city: 'Leeds', postal_code: 'LS1', country: 'GB' }
const CASH = { shipping_address: ADDRESS, payment_method: 'cash_on_delivery' }
const usd = (amount: number) => ({ amount, currency: 'USD' })
const SHIPPING = { countries: { GB: usd(499), RU: null }, elsewhere: usd(1_500) }
const TAX = { prices_include_tax: false, countries: { GB: 200_000 }, elsewhere: 0 }

let shop: RunningShop
let owner: SignedInClient
before(async () => {
  shop = await startShop()
  owner = await shop.asSuper()
})
after(() => shop.stop())

async function lamp(): Promise<string> {
  const fields = { status: 'active', name: 'Lamp', price: usd(2_000), stock: 50 }
  return (await owner.post('/products', fields)).body.id
}

test('before anybody sets them shipping is free and no tax is told', async () => {
  const shipping = await owner.get('/admin/settings/shipping')
  assert.deepEqual(shipping.body, { version: 0, updated_at: null, countries: {}, elsewhere: usd(0) })
  const tax = await owner.get('/admin/settings/tax')
  assert.deepEqual(tax.body, {
    ...{ version: 0, updated_at: null, prices_include_tax: true, countries: {}, elsewhere: 0 },
  })
})

test('what is set holds for the next cart and order, and an order keeps what it was made with', async () => {
  const ann = await shop.registerCustomer()
  const product_id = await lamp()
  await ann.post('/cart/items', { product_id, quantity: 2 })
  assert.equal((await owner.put('/admin/settings/shipping', SHIPPING)).body.version, 1)
  assert.equal((await owner.put('/admin/settings/tax', TAX)).status, 200)

  assert.equal((await ann.get('/cart')).body.charges, null)
  const { charges } = (await ann.get('/cart?country=GB')).body
  assert.deepEqual(charges, {
    ...{ country: 'GB', shipping: usd(499), tax: usd(900), tax_included: usd(0), tax_rate_ppm: 200_000 },
    total: usd(5_399),
  })
  const stale = await ann.post('/orders', { ...CASH, expected_total: usd(4_000) })
  assert.equal(stale.status, 409)
  assert.equal(stale.body.code, 'price_changed')
  assert.deepEqual([stale.body.shipping, stale.body.tax, stale.body.total], [usd(499), usd(900), usd(5_399)])

  const { status, body: order } = await ann.post('/orders', { ...CASH, expected_total: charges.total })
  assert.equal(status, 201)
  const sums = [order.subtotal, order.shipping, order.tax, order.tax_included, order.discount, order.total]
  assert.deepEqual(sums, [usd(4_000), usd(499), usd(900), usd(0), usd(0), usd(5_399)])

  await owner.put('/admin/settings/tax', { ...TAX, prices_include_tax: true })
  assert.deepEqual((await ann.get(`/orders/${order.id}`)).body.total, usd(5_399))
  const items = [{ product_id, quantity: 1 }]
  const { body: inclusive } = await ann.post('/orders', { ...CASH, items })
  assert.deepEqual(
    [inclusive.shipping, inclusive.tax, inclusive.tax_included, inclusive.total],
    [usd(499), usd(0), usd(417), usd(2_499)],
  )

  await shop.caughtUp()
  const told = (await everything(shop.application.log, ['ecommerce-operations'])).map(({ event }) => event)
  assert.deepEqual(told.map(({ type, subject, sequence }) => [type, subject, sequence]).sort(), [
    ['settings_changed', 'settings/shipping', 1],
    ['settings_changed', 'settings/tax', 1],
    ['settings_changed', 'settings/tax', 2],
  ])
})

test('no order goes where the shop does not ship, and a country has to exist', async () => {
  const ann = await shop.registerCustomer()
  const items = [{ product_id: await lamp(), quantity: 1 }]
  await owner.put('/admin/settings/shipping', SHIPPING)
  const refused = await ann.post('/orders', {
    ...{ ...CASH, items },
    shipping_address: { ...ADDRESS, country: 'RU' },
  })
  assert.deepEqual([refused.status, refused.body.code], [422, 'not_shipped_there'])
  const { status, body } = await ann.get('/cart?country=ZZ')
  assert.deepEqual([status, body.code, body.errors[0].pointer], [400, 'invalid_query', 'country'])
  const unknown = await owner.put('/admin/settings/shipping', { ...SHIPPING, countries: { ZZ: usd(1) } })
  assert.equal(unknown.body.errors[0].pointer, '/countries/ZZ')
  const foreign = await owner.put('/admin/settings/shipping', {
    ...SHIPPING,
    elsewhere: { amount: 1, currency: 'EUR' },
  })
  assert.deepEqual([foreign.status, foreign.body.code], [422, 'currency_mismatch'])
  const much = await owner.put('/admin/settings/tax', { ...TAX, elsewhere: 1_000_001 })
  assert.equal(much.status, 422)
})

test('staff read them, super_admins set them, each against the version that was read', async () => {
  const customer = await shop.registerCustomer()
  assert.equal((await customer.get('/admin/settings/tax')).status, 403)
  const { headers } = await owner.get('/admin/settings/tax')
  const tag = { 'if-match': headers.get('etag')! }
  assert.equal((await owner.put('/admin/settings/tax', TAX, tag)).status, 200)
  assert.equal((await owner.put('/admin/settings/tax', TAX, tag)).status, 412)
  const admin = await shop.asStaff()
  assert.equal((await admin.get('/admin/settings/tax')).status, 200)
  assert.equal((await admin.put('/admin/settings/tax', TAX)).status, 403)
})
