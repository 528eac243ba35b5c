import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CARTS } from '../../src/shop/carts/schema.ts'
import { openCartWorld, someGuest, someUser } from '../support/cart-world.ts'

test('200 guests who sign in to one account at once bring all they had, each once', async (t) => {
  const world = await openCartWorld(t)
  const carts = world.open()
  const goods = await Promise.all(Array.from({ length: 5 }, () => world.stockUp(100, 5)))
  const user = someUser()
  const guests = Array.from({ length: 200 }, someGuest)
  await Promise.all(
    guests.map((principal, guest) =>
      carts.addItem({ principal, item: { product_id: goods[guest % 5]!.product_id, quantity: 2 } }),
    ),
  )
  // Each signs in twice: a double click.
  await Promise.all([...guests, ...guests].map((guest) => carts.mergeGuest(guest, user)))
  const { items, item_count } = await carts.view(user)
  assert.equal(item_count, 400)
  assert.deepEqual(
    items.map(({ quantity }) => quantity),
    [80, 80, 80, 80, 80],
  )
  assert.equal(await carts.recover(), 0)
  const left = await Promise.all(guests.map((guest) => carts.view(guest)))
  assert.ok(left.every(({ id }) => id === null))
})

test('a guest who signs in to two accounts at once has the cart in exactly one of them', async (t) => {
  const world = await openCartWorld(t)
  const { product_id } = await world.stockUp(100, 5)
  for (let round = 0; round < 20; round++) {
    const [guest, one, other] = [someGuest(), someUser(), someUser()]
    await world.open().addItem({ principal: guest, item: { product_id, quantity: 3 } })
    await Promise.all([world.open().mergeGuest(guest, one), world.open().mergeGuest(guest, other)])
    await world.open().recover()
    const counts = await Promise.all([one, other].map((user) => world.open().view(user)))
    assert.deepEqual(counts.map(({ item_count }) => item_count).sort(), [0, 3])
  }
})

test('adds that run at once all count, also when several processes take them', async (t) => {
  const world = await openCartWorld(t)
  const { product_id } = await world.stockUp(100, 5)
  const principal = someUser()
  const processes = [world.open(), world.open(), world.open()]
  await Promise.all(
    Array.from({ length: 150 }, (_, add) =>
      processes[add % 3]!.addItem({ principal, item: { product_id, quantity: 1 } }),
    ),
  )
  assert.equal((await world.open().view(principal)).item_count, 150)
})

test('one key sent 50 times at once adds once, and all hear the same', async (t) => {
  const world = await openCartWorld(t)
  const carts = world.open()
  const { product_id } = await world.stockUp(100, 5)
  const add = {
    principal: someGuest(),
    item: { product_id, quantity: 2 },
    request_key: { key: 'one', fingerprint: 'two of them' },
  }
  const answers = await Promise.all(Array.from({ length: 50 }, () => carts.addItem(add)))
  assert.equal(answers.filter(({ replayed }) => !replayed).length, 1)
  for (const { cart } of answers) assert.deepEqual(cart, answers[0]!.cart)
  assert.equal((await carts.view(add.principal)).item_count, 2)
})

test('one owner has one cart, however many first writes race', async (t) => {
  const world = await openCartWorld(t)
  const { product_id } = await world.stockUp(100, 5)
  const principal = someGuest()
  const doors = Array.from({ length: 8 }, () => world.open())
  await Promise.all(doors.map((door) => door.addItem({ principal, item: { product_id, quantity: 1 } })))
  const { value } = await world.storage.collection(CARTS).count({ index: 'owner', equal: [principal.id] })
  assert.equal(value, 1)
  assert.equal((await world.open().view(principal)).item_count, 8)
})
