import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PASSWORD } from '../support/shop.ts'
import { HOME, openErasingWorld } from './erasing-world.ts'

test('people get all that is known of them, and nothing of others', async (t) => {
  const world = await openErasingWorld()
  const { shop, lamp } = world
  t.after(() => shop.stop())
  const ann = await shop.registerCustomer({ name: 'Ann' })
  const bob = await shop.registerCustomer({ name: 'Bob' })
  for (const one of [ann, bob]) {
    await one.post('/auth/me/addresses', { ...HOME, name: one.user.name })
    await one.post('/cart/items', { product_id: lamp, quantity: 3 })
  }
  const visit = { type: 'search', anonymous_id: 'visitor-1', session_id: 'tab-1' }
  await ann.post('/events', { ...visit, query: 'a lamp of my own' })
  await bob.post('/events', { ...visit, query: 'a lamp for Bob' })
  const again = await shop.login(ann.email, PASSWORD)
  const orders = [await world.delivered(ann, { note: 'Ring twice' }), await world.delivered(ann)]
  await world.owner.put(`/orders/${orders[0].id}`, { note: 'Ann is difficult' })
  await world.delivered(bob)
  await shop.caughtUp()

  const { status, headers, body, text } = await ann.get('/auth/me/export')
  assert.equal(status, 200)
  assert.match(headers.get('content-disposition') ?? '', /^attachment/)
  assert.equal(headers.get('content-type'), 'application/json; charset=utf-8')
  assert.deepEqual([body.profile.email, body.profile.name], [ann.email, 'Ann'])
  assert.deepEqual(
    body.addresses.map(({ name, is_default }: { name: string; is_default: boolean }) => [name, is_default]),
    [['Ann', true]],
  )
  assert.equal(body.sessions.length, 2)
  const [found, ...more] = body.events
  assert.deepEqual(
    [found.anonymous_id, found.session_id, found.query],
    ['visitor-1', 'tab-1', 'a lamp of my own'],
  )
  assert.deepEqual(more, [])
  const told = body.history.map(({ type }: { type: string }) => type)
  assert.deepEqual(told.slice(0, 3), ['user_registered', 'user_login', 'order_created'])
  assert.ok(again.access_token)
  assert.deepEqual(
    body.cart.items.map(({ product_id, quantity }: { product_id: string; quantity: number }) => [
      product_id,
      quantity,
    ]),
    [[lamp, 3]],
  )
  const seen = await Promise.all(orders.map(async ({ id }) => (await ann.get(`/orders/${id}`)).body))
  assert.deepEqual(body.orders, seen)
  for (const foreign of [bob.user.id, bob.email, 'Bob', 'difficult', 'password'])
    assert.ok(!text.includes(foreign), foreign)
  assert.equal((await shop.asGuest().get('/auth/me/export')).status, 401)
})
