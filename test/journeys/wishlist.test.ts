import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { WISHLIST_SHARES } from '../../src/shop/wishlist/schema.ts'
import type { Body } from '../support/http-client.ts'
import { openReviewWorld, type ReviewWorld, usd } from '../support/review-world.ts'

let world: ReviewWorld
before(async () => {
  world = await openReviewWorld()
})
after(() => world.shop.stop())

const ids = (page: Body): string[] => page.items.map(({ product_id }: Body) => product_id)

async function shirt(): Promise<string> {
  return world.product({
    name: 'Shirt',
    stock: undefined,
    options: [{ name: 'size', values: ['S', 'L'] }],
    variants: [
      { sku: `S-${crypto.randomUUID()}`, options: { size: 'S' }, stock: 3 },
      { sku: `L-${crypto.randomUUID()}`, options: { size: 'L' }, price: usd(2_500), stock: 0 },
    ],
  })
}

test('a wish shows what has changed since it was added', async () => {
  const ann = await world.shop.registerCustomer()
  const lamp = await world.product({ stock: 0 })
  const vase = await world.product({ stock: 12 })
  for (const product_id of [lamp, vase]) {
    const { status, body } = await ann.post('/wishlist/items', { product_id })
    assert.deepEqual([status, body.changes], [201, []])
  }
  assert.equal((await ann.post('/wishlist/items', { product_id: lamp })).status, 200)
  await world.staff.patch(`/products/${lamp}`, { price: usd(1_500) })
  await world.staff.post(`/products/${lamp}/stock`, { set: 4, reason: 'delivery' })
  await world.staff.patch(`/products/${vase}`, { price: usd(2_001) })
  await world.staff.post(`/products/${vase}/stock`, { set: 0, reason: 'broken' })

  const { body } = await ann.get('/wishlist?include=total')
  assert.deepEqual([ids(body), body.total.value, body.shared_since], [[vase, lamp], 2, null])
  const [broken, cheaper] = body.items
  assert.deepEqual([cheaper.price, cheaper.added_price], [usd(1_500), usd(2_000)])
  assert.deepEqual([cheaper.available, cheaper.added_available, cheaper.product.available], [4, 0, 4])
  assert.deepEqual(
    cheaper.changes.map(({ code }: Body) => code),
    ['price_dropped', 'back_in_stock'],
  )
  assert.deepEqual([broken.available, broken.added_available], [0, 10])
  assert.deepEqual(
    broken.changes.map(({ code }: Body) => code),
    ['price_raised', 'out_of_stock'],
  )

  await world.staff.delete(`/products/${lamp}`)
  const gone = (await ann.get('/wishlist')).body.items[1]
  assert.deepEqual([gone.price, gone.available, gone.product, gone.changes[0].code], [null, 0, null, 'gone'])
})

test('one form of a product may be meant, and another one instead', async () => {
  const ann = await world.shop.registerCustomer()
  const product_id = await shirt()
  const { variants } = (await ann.get(`/products/${product_id}`)).body
  const [small, large] = variants.map(({ sku }: Body) => sku)
  assert.equal((await ann.post('/wishlist/items', { product_id })).body.available, 3)
  const wish = (await ann.post('/wishlist/items', { product_id, sku: large })).body
  assert.deepEqual([wish.sku, wish.price, wish.available], [large, usd(2_500), 0])
  assert.equal((await ann.post('/wishlist/items', { product_id, sku: small })).body.sku, small)
  assert.equal((await ann.get('/wishlist')).body.items.length, 1)
  const unknown = await ann.post('/wishlist/items', { product_id, sku: 'NONE' })
  assert.deepEqual([unknown.status, unknown.body.code], [422, 'unknown_sku'])
  assert.equal((await ann.post('/wishlist/items', { product_id: 'prd_0' })).status, 404)
})

test('a wish goes into the cart once, however often that is asked', async () => {
  const ann = await world.shop.registerCustomer()
  const product_id = await world.product()
  await ann.post('/wishlist/items', { product_id })
  const path = `/wishlist/items/${product_id}/move-to-cart`
  const key = { 'idempotency-key': 'move' }
  const move = () => ann.post(path, { quantity: 2 }, key)
  const answers = await Promise.all([move(), move(), move()])
  for (const { status, body } of [...answers, await move()])
    assert.deepEqual([status, body.items[0].product_id, body.item_count], [200, product_id, 2])
  const never = await ann.post(path)
  assert.deepEqual(
    [never.status, never.body.code],
    [404, 'not_in_wishlist'],
    'what is only in the cart is no wish',
  )
  assert.deepEqual((await ann.get('/wishlist')).body.items, [])
  assert.equal((await ann.get('/cart')).body.item_count, 2)

  await ann.post('/wishlist/items', { product_id })
  assert.equal((await ann.post(path)).body.item_count, 3, 'a wish of later is another one')
})

test('what the cart does not take stays a wish', async () => {
  const ann = await world.shop.registerCustomer()
  const product_id = await shirt()
  await ann.post('/wishlist/items', { product_id })
  const path = `/wishlist/items/${product_id}/move-to-cart`
  assert.equal((await ann.post(path, {})).body.code, 'sku_required')
  assert.equal((await ann.post(path, { sku: 'NONE' })).body.code, 'unknown_sku')
  const { variants } = (await ann.get(`/products/${product_id}`)).body
  const sku = variants[0].sku
  await ann.post('/cart/items', { product_id, sku, quantity: 100_000 })
  assert.deepEqual((await ann.post(path, { sku })).body.code, 'line_full')
  assert.deepEqual(ids((await ann.get('/wishlist')).body), [product_id])
  await ann.delete('/cart')
  assert.equal((await ann.post(path, { sku })).status, 200)
})

test('a link shows the goods to whoever has it, and nothing of the person, until it is revoked', async () => {
  const ann = await world.shop.registerCustomer({ name: 'Ann Arbor' })
  const [lamp, vase, gone] = [await world.product(), await world.product(), await world.product()]
  for (const product_id of [lamp, vase, gone]) await ann.post('/wishlist/items', { product_id })
  await world.staff.delete(`/products/${gone}`)
  const { status, body: first } = await ann.post('/wishlist/share')
  assert.deepEqual([status, first.path], [201, `/wishlists/${first.token}`])
  const guest = world.shop.asGuest()
  const shared = await guest.get(first.path)
  assert.deepEqual([ids(shared.body), shared.headers.get('cache-control')], [[vase, lamp], 'no-store'])
  assert.deepEqual(Object.keys(shared.body.items[0]).sort(), [
    ...['available', 'price', 'product', 'product_id', 'sku'],
  ])
  assert.doesNotMatch(shared.text, new RegExp(`Ann|${ann.user.id}|${ann.email}`))
  const pages = await guest.get(`${first.path}?limit=2`)
  const rest = await guest.get(`${first.path}?limit=2&cursor=${pages.body.next_cursor}`)
  assert.deepEqual([...ids(pages.body), ...ids(rest.body)], [vase, lamp])

  assert.equal((await ann.get('/wishlist')).body.shared_since, first.created_at)
  const second = (await ann.post('/wishlist/share')).body
  assert.equal((await guest.get(first.path)).status, 404, 'the link before is over')
  assert.equal((await guest.get(second.path)).status, 200)
  const kept = await world.shop.application.storage.collection(WISHLIST_SHARES).get(ann.user.id)
  assert.ok(!JSON.stringify(kept).includes(second.token), 'only a hash of the link is kept')
  for (const _ of [1, 2]) assert.equal((await ann.delete('/wishlist/share')).status, 204)
  assert.equal((await guest.get(second.path)).status, 404)
})

test('a wish is taken out, and its place is free again', async () => {
  const ann = await world.shop.registerCustomer()
  const [lamp, vase, bowl] = [await world.product(), await world.product(), await world.product()]
  for (const product_id of [lamp, vase]) await ann.post('/wishlist/items', { product_id })
  assert.equal((await ann.delete(`/wishlist/items/${lamp}`)).status, 204)
  assert.equal((await ann.delete(`/wishlist/items/${lamp}`)).status, 404)
  assert.equal((await ann.post('/wishlist/items', { product_id: bowl })).status, 201)
  assert.deepEqual(ids((await ann.get('/wishlist')).body), [bowl, vase])
})
