import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { newId } from '../../src/kernel/ids.ts'
import { MAX_WISHES, WISHLIST, type Wish } from '../../src/shop/wishlist/schema.ts'
import type { New } from '../../src/storage/storage.ts'
import type { Client } from '../support/http-client.ts'
import { crowd } from '../support/pair.ts'
import { openReviewWorld, type ReviewWorld, usd } from '../support/review-world.ts'

let world: ReviewWorld
before(async () => {
  world = await openReviewWorld()
})
after(() => world.shop.stop())

const wishes = () => world.shop.application.storage.collection(WISHLIST)
const count = async (user_id: string) => (await wishes().count({ index: 'by_user', equal: [user_id] })).value

async function refused(
  client: Client,
  method: string,
  path: string,
  [status, code]: [number, string?],
  body?: unknown,
) {
  const answer = await client.request(method, path, { body })
  assert.equal(answer.status, status, `${method} ${path}: ${answer.text}`)
  assert.match(answer.headers.get('content-type') ?? '', /^application\/problem\+json/)
  assert.ok(answer.body.code && answer.body.request_id && !answer.body.stack)
  if (code) assert.equal(answer.body.code, code)
}

test('API1-09 there is no way to name the wishlist of another', async () => {
  const [victim, other] = [await world.shop.registerCustomer(), await world.shop.registerCustomer()]
  const product_id = await world.product()
  await victim.post('/wishlist/items', { product_id })
  const [wish] = (await wishes().list({ index: 'by_user', equal: [victim.user.id], limit: 1 })).items
  for (const name of [victim.user.id, wish!.id]) {
    for (const method of ['GET', 'POST', 'DELETE'])
      await refused(other, method, `/wishlist/${name}`, [404], method === 'POST' ? { product_id } : undefined)
    await refused(other, 'GET', `/wishlists/${name}`, [404, 'wishlist_not_found'])
    await refused(other, 'DELETE', `/wishlist/items/${name}`, [404, 'not_in_wishlist'])
    await refused(other, 'GET', `/wishlist?user_id=${name}`, [400])
    await refused(other, 'POST', '/wishlist/items', [422], { product_id, user_id: name })
  }
  await refused(other, 'DELETE', `/wishlist/items/${product_id}`, [404, 'not_in_wishlist'])
  await refused(other, 'POST', `/wishlist/items/${product_id}/move-to-cart`, [404, 'not_in_wishlist'], {})
  await refused(world.shop.asGuest(), 'GET', '/wishlist', [401])
  assert.deepEqual(await wishes().get(wish!.id), wish)
})

test('API4-20 the 1,001st wish is refused, also in a rush for the last place', async () => {
  const ann = await world.shop.registerCustomer()
  const at = new Date().toISOString()
  const places = Array.from(
    { length: MAX_WISHES - 1 },
    (_, index): New<Wish> => ({
      ...{ id: newId('wsh'), user_id: ann.user.id, product_id: newId('prd'), place: index + 1 },
      ...{ price: usd(100), available: 1, created_at: at, updated_at: at },
    }),
  )
  await wishes().insertMany(places)
  const products = await Promise.all(Array.from({ length: crowd(5) }, () => world.product()))
  const rush = await Promise.all(
    products.map(async (product_id) => (await ann.post('/wishlist/items', { product_id })).status),
  )
  assert.deepEqual(rush.sort(), [201, ...Array(rush.length - 1).fill(409)])
  await refused(ann, 'POST', '/wishlist/items', [409, 'wishlist_full'], { product_id: await world.product() })
  assert.equal(await count(ann.user.id), MAX_WISHES)
})
