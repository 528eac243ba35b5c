import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ADDRESS_BOOKS } from '../../src/shop/addresses/schema.ts'
import { SESSIONS } from '../../src/shop/auth/schema.ts'
import { CARTS } from '../../src/shop/carts/schema.ts'
import { ORDERS } from '../../src/shop/orders/schema.ts'
import { USERS } from '../../src/shop/users/schema.ts'
import { startNodes } from '../support/nodes.ts'
import type { SignedInClient } from '../support/people.ts'
import { isWrite, replyLost } from '../support/tapped-storage.ts'
import { until } from '../support/until.ts'

/** More than an erasure of these people writes. */
const WRITES = 10
const ADDRESS = { name: 'Ann', line1: 'High Street 1', city: 'Leeds', postal_code: 'LS1', country: 'GB' }

test('an erasure that breaks off at any of its writes is finished by whichever node looks next', async (t) => {
  const shop = await startNodes(t, { count: 2, environment: { ACCESS_TOKEN_TTL: '1d' } })
  const [breaking, other] = shop.nodes
  const owner = await shop.asSuper()
  const fields = { name: 'Lamp', status: 'active', price: { amount: 1_000, currency: 'USD' }, stock: 100 }
  const product_id = (await owner.post('/products', fields)).body.id
  const items = [{ product_id, quantity: 1 }]
  const order = { items, payment_method: 'cash_on_delivery', shipping_address: ADDRESS }
  const orders = shop.storage.collection(ORDERS)
  const people: SignedInClient[] = []
  for (let person = 0; person < WRITES; person++) {
    const one = await shop.registerCustomer()
    await one.post('/auth/me/addresses', ADDRESS)
    await one.post('/cart/items', { product_id, quantity: 1 })
    const { id } = (await one.post('/orders', order)).body
    await until(async () => (await one.post(`/orders/${id}/cancel`, {})).status === 200)
    people.push(one)
  }
  await until(async () => (await orders.list({ index: 'unsettled', limit: 1 })).items.length === 0)

  // The oldest account is looked at first: each has the writes to itself that the node is let make.
  for (const [let_through, { user }] of people.toReversed().entries()) {
    let writes = 0
    breaking!.tap(async (call, run) => {
      if (isWrite(call) && writes++ >= let_through) throw replyLost()
      return run()
    })
    await breaking!.withToken(owner.access_token).delete(`/users/${user.id}`)
    await until(() => writes > let_through)
  }
  await breaking!.kill()
  const survivor = other!.withToken(owner.access_token)
  let begun = 0
  for (const { user } of people) {
    if ((await survivor.get(`/users/${user.id}`)).body.status === 'erasing') begun++
    else assert.equal((await survivor.delete(`/users/${user.id}`)).status, 202)
  }
  // What else a node does by itself may take the writes of the first.
  assert.ok(begun >= WRITES / 2, `${begun} were begun`)
  shop.turn(61_000)
  const users = shop.storage.collection(USERS)
  const erased = { index: 'status', equal: ['erased'] }
  await until(async () => (await users.count(erased)).value === WRITES)

  for (const { user } of people) {
    const { storage } = shop
    assert.equal(await storage.collection(ADDRESS_BOOKS).get(user.id), undefined)
    assert.equal(await storage.collection(CARTS).getBy('owner', [user.id]), undefined)
    const { items: sessions } = await storage
      .collection(SESSIONS)
      .list({ index: 'user', equal: [user.id], limit: 1 })
    assert.deepEqual(sessions, [])
    const { items: left } = await orders.list({ index: 'owner', equal: [user.id], limit: 10 })
    assert.deepEqual(
      left.map(({ shipping_address }) => shipping_address?.name),
      ['erased'],
    )
  }
  await shop.caughtUp()
})
