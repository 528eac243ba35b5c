import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { newId } from '../../src/kernel/ids.ts'
import { MAX_ADDRESSES } from '../../src/shop/addresses/schema.ts'
import type { SignedInClient } from '../support/shop.ts'
import { ADDRESS, type OrdersWorld, openOrdersWorld } from './orders-world.ts'

let world: OrdersWorld
let ann: SignedInClient
let bob: SignedInClient
/** An address of Bob's. */
let foreign: string
before(async () => {
  world = await openOrdersWorld()
  ann = await world.shop.registerCustomer()
  bob = await world.shop.registerCustomer()
  foreign = (await bob.post('/auth/me/addresses', ADDRESS)).body.id
})
after(() => world.stop())

test('API1-07 an order to the address of another is answered like one to an address that does not exist', async () => {
  const items = [{ product_id: await world.product(), quantity: 1 }]
  for (const field of ['shipping_address_id', 'billing_address_id']) {
    const order = { items, payment_method: 'cash_on_delivery', shipping_address: ADDRESS }
    const given = field === 'shipping_address_id' ? { ...order, shipping_address: undefined } : order
    const one = await world.refused(ann, 'POST', '/orders', [404, 'not_found'], {
      ...given,
      [field]: foreign,
    })
    const other = await world.refused(ann, 'POST', '/orders', [404], { ...given, [field]: newId('adr') })
    assert.equal(one.body.detail, other.body.detail)
  }
})

test('nobody reads, changes or removes the address of another', async () => {
  for (const id of [foreign, newId('adr'), '%00', '[object Object]']) {
    const path = `/auth/me/addresses/${id}`
    assert.equal((await ann.patch(path, { city: 'York' })).status, 404, id)
    assert.equal((await ann.delete(path)).status, 404, id)
  }
  assert.deepEqual((await ann.get('/auth/me/addresses')).body.items, [])
  assert.equal((await bob.get('/auth/me/addresses')).body.items[0].city, ADDRESS.city)
  assert.equal((await world.shop.asGuest().get('/auth/me/addresses')).status, 401)
})

test('API4-20 the 21st address is refused', async () => {
  const carl = await world.shop.registerCustomer()
  for (let kept = 0; kept < MAX_ADDRESSES; kept++) {
    assert.equal((await carl.post('/auth/me/addresses', ADDRESS)).status, 201)
  }
  const { status, body } = await carl.post('/auth/me/addresses', ADDRESS)
  assert.deepEqual([status, body.code], [409, 'too_many_addresses'])
  assert.equal((await carl.get('/auth/me/addresses')).body.items.length, MAX_ADDRESSES)
})
