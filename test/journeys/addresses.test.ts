import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { MAX_ADDRESSES } from '../../src/shop/addresses/schema.ts'
import type { Client } from '../support/http-client.ts'
import { type RunningShop, startShop } from '../support/shop.ts'

const HOME = { name: 'Ann', line1: 'High Street 1', city: 'Leeds', postal_code: 'LS1', country: 'GB' }
const WORK = { ...HOME, line1: 'Mill Lane 2', line2: 'Third floor', phone: '+44 113 000' }

let shop: RunningShop
before(async () => {
  shop = await startShop()
})
after(() => shop.stop())

async function save(client: Client, address: object) {
  const { status, body, headers, text } = await client.post('/auth/me/addresses', address)
  assert.equal(status, 201, text)
  assert.equal(headers.get('location'), `/auth/me/addresses/${body.id}`)
  return { ...body, etag: headers.get('etag') }
}

async function defaults(client: Client): Promise<[string, boolean][]> {
  const { items } = (await client.get('/auth/me/addresses')).body
  return items.map(({ line1, is_default }: { line1: string; is_default: boolean }) => [line1, is_default])
}

async function lamp(): Promise<string> {
  const staff = await shop.asStaff()
  const fields = { name: 'Lamp', status: 'active', price: { amount: 2_000, currency: 'USD' }, stock: 10 }
  return (await staff.post('/products', fields)).body.id
}

test('one of the addresses is always the default: the first, the one that was chosen, the oldest that is left', async () => {
  const ann = await shop.registerCustomer()
  const home = await save(ann, HOME)
  const work = await save(ann, WORK)
  assert.deepEqual(await defaults(ann), [
    [HOME.line1, true],
    [WORK.line1, false],
  ])
  const chosen = await ann.patch(`/auth/me/addresses/${work.id}`, { is_default: true })
  assert.deepEqual([chosen.status, chosen.body.is_default, chosen.body.version], [200, true, 1])
  const third = await save(ann, { ...HOME, line1: 'Quay 3', is_default: true })
  assert.deepEqual(await defaults(ann), [
    [HOME.line1, false],
    [WORK.line1, false],
    ['Quay 3', true],
  ])
  assert.equal((await ann.delete(`/auth/me/addresses/${third.id}`)).status, 204)
  assert.equal((await ann.delete(`/auth/me/addresses/${third.id}`)).status, 404)
  assert.deepEqual(await defaults(ann), [
    [HOME.line1, true],
    [WORK.line1, false],
  ])
  for (const { id } of [home, work]) await ann.delete(`/auth/me/addresses/${id}`)
  assert.deepEqual(await defaults(ann), [])
})

test('an address is changed field by field against the version that was read', async () => {
  const ann = await shop.registerCustomer()
  const { id, etag } = await save(ann, WORK)
  const path = `/auth/me/addresses/${id}`
  const moved = await ann.patch(path, { line1: 'Mill Lane 4', line2: null }, { 'if-match': etag })
  assert.deepEqual([moved.status, moved.body.version, moved.body.line1], [200, 2, 'Mill Lane 4'])
  assert.ok(!('line2' in moved.body))
  assert.equal(moved.body.phone, WORK.phone)
  assert.equal((await ann.patch(path, { city: 'York' }, { 'if-match': etag })).status, 412)
  const faults = [{ country: 'XX' }, { line1: null }, { is_default: false }, { id: 'adr_1' }, {}]
  for (const change of faults)
    assert.equal((await ann.patch(path, change)).status, 422, JSON.stringify(change))
  assert.equal(
    (await ann.post('/auth/me/addresses', { ...HOME, country: 'XX' })).body.errors[0].pointer,
    '/country',
  )
  assert.equal((await ann.get('/auth/me/addresses')).body.items[0].city, WORK.city)
})

test('of many addresses that are saved at once as many are kept as there may be', async () => {
  const ann = await shop.registerCustomer()
  for (let full = 0; full < MAX_ADDRESSES - 2; full++) await save(ann, HOME)
  const answers = await Promise.all(Array.from({ length: 4 }, () => ann.post('/auth/me/addresses', WORK)))
  assert.deepEqual(answers.map(({ status }) => status).sort(), [201, 201, 409, 409])
  assert.equal((await defaults(ann)).length, MAX_ADDRESSES)
})

test('an order goes to a saved address, and keeps it as it was', async () => {
  const ann = await shop.registerCustomer()
  const home = await save(ann, HOME)
  const work = await save(ann, WORK)
  const order = {
    ...{ shipping_address_id: work.id, billing_address_id: home.id, payment_method: 'cash_on_delivery' },
    items: [{ product_id: await lamp(), quantity: 1 }],
  }
  const key = { 'idempotency-key': 'to-work' }
  const placed = await ann.post('/orders', order, key)
  assert.equal(placed.status, 201, placed.text)
  await ann.delete(`/auth/me/addresses/${work.id}`)
  const again = await ann.post('/orders', order, key)
  assert.deepEqual([again.status, again.body.id], [201, placed.body.id])
  const { shipping_address, billing_address } = (await ann.get(`/orders/${placed.body.id}`)).body
  assert.deepEqual([shipping_address, billing_address], [WORK, HOME])
  assert.equal((await ann.post('/orders', order)).status, 404)
})

test('an order names one shipping address, written out or saved', async () => {
  const ann = await shop.registerCustomer()
  const { id } = await save(ann, HOME)
  const order = { payment_method: 'cash_on_delivery', items: [{ product_id: await lamp(), quantity: 1 }] }
  const none = await ann.post('/orders', order)
  assert.deepEqual([none.status, none.body.errors[0].pointer], [422, '/shipping_address'])
  const both = await ann.post('/orders', { ...order, shipping_address: HOME, shipping_address_id: id })
  assert.deepEqual([both.status, both.body.errors[0].pointer], [422, '/shipping_address_id'])
})
