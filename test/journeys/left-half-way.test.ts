import { after, before, test } from 'node:test'
import { newId } from '../../src/kernel/ids.ts'
import { REVIEW_VOTES } from '../../src/shop/reviews/schema.ts'
import { WISHLIST } from '../../src/shop/wishlist/schema.ts'
import { openReviewWorld, type ReviewWorld, usd } from '../support/review-world.ts'
import { until } from '../support/until.ts'

let world: ReviewWorld
before(async () => {
  world = await openReviewWorld()
})
after(() => world.shop.stop())

test('a running shop counts votes and moves wishes that another node has left half-way', async () => {
  const product_id = await world.product()
  const review = await world.review(await world.buyer(product_id), product_id)
  const ann = await world.shop.registerCustomer()
  const { storage } = world.shop.application
  const at = new Date().toISOString()
  const stamps = { created_at: at, updated_at: at }
  await storage.collection(REVIEW_VOTES).insert({
    ...{ id: newId('vot'), review_id: review.id, user_id: ann.user.id, uncounted_since: at, ...stamps },
  })
  const { sku } = (await ann.get(`/products/${product_id}`)).body
  await storage.collection(WISHLIST).insert({
    ...{ id: newId('wsh'), user_id: ann.user.id, product_id, place: 0, price: usd(2_000), available: 10 },
    ...{ moving: { sku, quantity: 2, since: Date.now() - 60_000 }, ...stamps },
  })
  await until(async () => (await world.shown(product_id)).items[0].helpful_count === 1)
  await until(async () => (await ann.get('/cart')).body.item_count === 2)
  await until(async () => (await ann.get('/wishlist')).body.items.length === 0)
})
