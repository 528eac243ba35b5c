import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openCartWorld, someGuest, someUser } from '../../../test/support/cart-world.ts'
import { isRefusal } from '../../kernel/errors.ts'
import { MAX_CART_KEYS } from './schema.ts'

test('an add with a key counts once and answers as it did the first time', async (t) => {
  const world = await openCartWorld(t)
  const carts = world.open()
  const { product_id } = await world.stockUp(100, 5)
  const add = {
    principal: someUser(),
    item: { product_id, quantity: 2 },
    request_key: { key: 'k-1', fingerprint: 'two of them' },
  }
  const first = await carts.addItem(add)
  await carts.addItem({ ...add, request_key: undefined })
  assert.deepEqual(await carts.addItem(add), { cart: first.cart, replayed: true })
  assert.equal((await carts.view(add.principal)).item_count, 4)
})

test('after a restart a repeat still counts once, and answers with the cart as it is', async (t) => {
  const world = await openCartWorld(t)
  const { product_id } = await world.stockUp(100, 5)
  const add = {
    principal: someUser(),
    item: { product_id, quantity: 2 },
    request_key: { key: 'k-1', fingerprint: 'two of them' },
  }
  const { cart } = await world.open().addItem(add)
  assert.deepEqual(await world.open().addItem(add), { cart, replayed: true })
})

test('a key that comes with another request is refused, and belongs to one owner', async (t) => {
  const world = await openCartWorld(t)
  const carts = world.open()
  const { product_id } = await world.stockUp(100, 5)
  const item = { product_id, quantity: 1 }
  const principal = someUser()
  await carts.addItem({ principal, item, request_key: { key: 'k', fingerprint: 'a' } })
  await assert.rejects(
    carts.addItem({ principal, item, request_key: { key: 'k', fingerprint: 'b' } }),
    (error) => isRefusal(error, 'idempotency_key_reused'),
  )
  const other = { principal: someGuest(), item, request_key: { key: 'k', fingerprint: 'b' } }
  assert.equal((await carts.addItem(other)).replayed, false)
})

test('a cart remembers its newest hundred keys', async (t) => {
  const world = await openCartWorld(t)
  const carts = world.open()
  const { product_id } = await world.stockUp(100, 5)
  const principal = someUser()
  const add = (key: number) =>
    carts.addItem({
      principal,
      item: { product_id, quantity: 1 },
      request_key: { key: `k-${key}`, fingerprint: `f-${key}` },
    })
  for (let key = 0; key <= MAX_CART_KEYS; key++) await add(key)
  assert.equal((await add(1)).replayed, true)
  assert.equal((await add(0)).replayed, false)
})
