import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type RunningShop, type SignedInClient, startShop } from '../support/shop.ts'

let shop: RunningShop
let staff: SignedInClient
let path: string

before(async () => {
  shop = await startShop()
  staff = await shop.asStaff()
  const lamp = { name: 'Lamp', price: { amount: 2_000, currency: 'USD' }, stock: 5, status: 'active' }
  const { body } = await staff.post('/products', lamp)
  path = `/products/${body.id}/stock`
})
after(() => shop.stop())

const onHand = async (): Promise<number> => (await staff.get(path)).body.items[0].on_hand

test('API5-04 only staff see and change stock', async () => {
  for (const [client, status] of [
    [shop.asGuest(), 401] as const,
    [await shop.registerCustomer(), 403] as const,
  ]) {
    assert.equal((await client.get(path)).status, status)
    assert.equal((await client.get(`${path}?include=movements`)).status, status)
    assert.equal((await client.post(path, { delta: 1, reason: 'mine' })).status, status)
  }
  assert.equal(await onHand(), 5)
})

test('API1-16 stock of products that are not there is not there either', async () => {
  for (const id of [
    'prd_01jdabcdefghjkmnpqrstvwxyz',
    '[object Object]',
    '..%2fadmin',
    '%24gt',
    'x'.repeat(65),
  ]) {
    const address = `/products/${id.includes('%') ? id : encodeURIComponent(id)}/stock`
    assert.equal((await staff.get(address)).status, 404, id)
    assert.equal((await staff.post(address, { delta: 1 })).status, 404, id)
  }
})

test('API3-06 a change of stock is a whole number and says one thing', async () => {
  const wrong = [
    ...[true, '1', [1], 1.5, 1e12, null].map((delta) => ({ delta })),
    ...[-1, 0.5, '3'].map((set) => ({ set })),
    { delta: 1, set: 1 },
    {},
    { reason: 'nothing' },
    { delta: 1, sku: 'unknown' },
    { delta: 1, available: 99 },
    { delta: 1, reason: '' },
  ]
  for (const body of wrong) {
    assert.equal((await staff.post(path, body)).status, 422, JSON.stringify(body))
  }
  assert.equal((await staff.post(path, { delta: -6 })).status, 409)
  assert.equal(await onHand(), 5)
})

test('API6-05 a change of stock under one key counts once', async () => {
  const key = { 'idempotency-key': 'pallet 7' }
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => staff.post(path, { delta: 10, reason: 'pallet 7' }, key)),
  )
  assert.ok(answers.every(({ status, text }) => status === 200 && text === answers[0]!.text))
  assert.equal((await staff.post(path, { delta: 11 }, key)).status, 422)
  assert.equal(await onHand(), 15)
})

test('API8-02 the words of staff are kept as they are, and in no event', async () => {
  const reason = `'; DROP TABLE stock; -- {"$gt":""} <img onerror=x>`
  assert.equal((await staff.post(path, { delta: 1, reason })).status, 200)
  await shop.caughtUp()
  const { body } = await staff.get(`${path}?include=movements`)
  assert.equal(body.movements[0].reason, reason)
  const { log } = shop.application
  for (let partition = 0; partition < 12; partition++) {
    const records = await log.read('ecommerce-inventory', partition, 0, 1_000)
    assert.ok(records.every(({ json }) => !json.includes('onerror')))
  }
})
