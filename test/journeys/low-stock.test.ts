import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Body } from '../support/http-client.ts'
import { type RunningShop, type SignedInClient, startShop } from '../support/shop.ts'

const usd = (amount: number) => ({ amount, currency: 'USD' })
const ADDRESS = { name: 'Ann', line1: 'High Street 1', city: 'Leeds', postal_code: 'LS1', country: 'GB' }

let shop: RunningShop
let staff: SignedInClient
before(async () => {
  shop = await startShop()
  staff = await shop.asStaff()
})
after(() => shop.stop())

async function product(name: string, stock: number, threshold: number): Promise<Body> {
  const fields = { name, sku: name, price: usd(1_000), status: 'active', stock }
  const { body } = await staff.post('/products', fields)
  await staff.post(`/products/${body.id}/stock`, { low_stock_threshold: threshold })
  return body
}

async function lowStock(query = ''): Promise<Body> {
  await shop.caughtUp()
  const { status, body, text } = await staff.get(`/admin/low-stock${query}`)
  assert.equal(status, 200, text)
  return body
}
const names = ({ items }: Body): string[] => items.map(({ name }: Body) => name)

test('what is below its threshold is listed, sold out first, then by the share that is left', async () => {
  await product('enough', 10, 10)
  await product('half', 5, 10)
  await product('most', 9, 10)
  await product('gone-few', 0, 5)
  await product('gone-many', 0, 50)
  const all = await lowStock()
  assert.deepEqual(names(all), ['gone-many', 'gone-few', 'half', 'most'])
  const { product_id: _, ...half } = all.items[2]
  assert.deepEqual(half, {
    ...{ sku: 'half', name: 'half', status: 'active' },
    ...{ on_hand: 5, reserved: 0, available: 5, low_stock_threshold: 10 },
  })
  assert.equal((await staff.get('/admin/stats')).body.products.low_stock, 4)

  const first = await lowStock('?limit=3')
  const rest = await lowStock(`?limit=3&cursor=${first.next_cursor}`)
  assert.deepEqual([...names(first), ...names(rest)], names(all))
  assert.equal(rest.next_cursor, null)
})

test('a sale brings a SKU into the list, goods and a lower threshold take it out', async () => {
  const { id } = await product('sold', 6, 6)
  assert.ok(!names(await lowStock()).includes('sold'))
  const ann = await shop.registerCustomer()
  const items = [{ product_id: id, quantity: 2 }]
  const order = { items, shipping_address: ADDRESS, payment_method: 'cash_on_delivery' }
  assert.equal((await ann.post('/orders', order)).status, 201)
  assert.ok(names(await lowStock()).includes('sold'))
  await staff.post(`/products/${id}/stock`, { low_stock_threshold: 4 })
  assert.ok(!names(await lowStock()).includes('sold'))
  await staff.post(`/products/${id}/stock`, { low_stock_threshold: 5 })
  assert.ok(names(await lowStock()).includes('sold'))
  await staff.post(`/products/${id}/stock`, { delta: 1 })
  assert.ok(!names(await lowStock()).includes('sold'))
})
