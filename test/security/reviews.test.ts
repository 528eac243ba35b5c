import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { newId } from '../../src/kernel/ids.ts'
import { REVIEWS } from '../../src/shop/reviews/schema.ts'
import type { Client } from '../support/http-client.ts'
import { crowd } from '../support/pair.ts'
import { GOOD, openReviewWorld, type ReviewWorld } from '../support/review-world.ts'

let world: ReviewWorld
before(async () => {
  world = await openReviewWorld()
})
after(() => world.shop.stop())

const kept = (product_id: string) =>
  world.shop.application.storage
    .collection(REVIEWS)
    .list({ index: 'newest', equal: [product_id, 'approved'], limit: 100 })

/** Expects this refusal as a problem document; says its code. */
async function refused(client: Client, method: string, path: string, expected: number, body?: unknown) {
  const answer = await client.request(method, path, { body })
  assert.equal(answer.status, expected, `${method} ${path}: ${answer.text}`)
  assert.match(answer.headers.get('content-type') ?? '', /^application\/problem\+json/)
  assert.ok(answer.body.code && answer.body.request_id && !answer.body.stack)
  const { request_id: _, instance: __, ...problem } = answer.body
  return problem
}

test('API1-08 the review of another is changed and deleted like one that is not there', async () => {
  const lamp = await world.product()
  const { id } = await world.review(await world.buyer(lamp), lamp)
  const other = await world.shop.registerCustomer()
  const before = (await kept(lamp)).items
  for (const [method, body] of [['PATCH', { title: 'Mine now' }], ['DELETE']] as const) {
    const foreign = await refused(other, method, `/reviews/${id}`, 404, body)
    assert.deepEqual(foreign, await refused(other, method, `/reviews/${newId('rev')}`, 404, body))
    await refused(world.shop.asGuest(), method, `/reviews/${id}`, 401, body)
  }
  for (const decision of ['approve', 'reject'])
    await refused(other, 'POST', `/admin/reviews/${id}/${decision}`, 403, undefined)
  assert.deepEqual((await kept(lamp)).items, before)
})

test('API3-09 of an author everybody sees a name to show, and nothing else', async () => {
  const lamp = await world.product()
  const ann = await world.buyer(lamp, 'Ann Mary Arbor')
  await world.review(ann, lamp)
  const { body, text } = await world.shop.asGuest().get(`/products/${lamp}/reviews`)
  assert.deepEqual(Object.keys(body.items[0]).sort(), [
    'author',
    'body',
    'created_at',
    'helpful_count',
    'id',
    'product_id',
    'rating',
    'title',
    'updated_at',
    'verified_purchase',
    'version',
  ])
  assert.equal(body.items[0].author, 'Ann A.')
  assert.doesNotMatch(text, new RegExp(`${ann.user.id}|${ann.email}|Arbor|127\\.0\\.0\\.1`))
})

test('API3-15 a review says nothing of the purchase, and has one to five stars', async () => {
  const lamp = await world.product()
  const ann = await world.buyer(lamp)
  const path = `/products/${lamp}/reviews`
  for (const more of [
    { verifiedPurchase: true },
    { verified_purchase: true },
    { status: 'approved' },
    { user_id: ann.user.id },
    ...[6, 0, -1, 4.5, '5', true, null, [5]].map((rating) => ({ rating })),
    ...[' ', '', 'x'.repeat(201), 'a\u0000b', { $gt: '' }].map((title) => ({ title })),
    ...[' \n ', 'x'.repeat(5_001), 'a\u001bb'].map((text) => ({ body: text })),
  ])
    await refused(ann, 'POST', path, 422, { ...GOOD, ...more })
  await refused(ann, 'GET', `${path}?rating=6`, 400)
  await refused(ann, 'GET', `${path}?sort=user_id`, 400)
  assert.deepEqual((await kept(lamp)).items, [])
})

test('API6-10 without a purchase nothing is shown before moderation, and a rush leaves one review', async () => {
  const lamp = await world.product()
  const bob = await world.shop.registerCustomer()
  const path = `/products/${lamp}/reviews`
  const rush = await Promise.all(
    Array.from({ length: crowd(100) }, (_, nth) => bob.post(path, { ...GOOD, title: `The ${nth}th` })),
  )
  const made = rush.filter(({ status }) => status === 201)
  assert.equal(made.length, 1)
  const { id, status, verified_purchase } = made[0]!.body
  assert.deepEqual([status, verified_purchase], ['pending', false])
  assert.ok(rush.every((answer) => answer === made[0] || answer.status === 409))
  assert.deepEqual(await refused(bob, 'POST', path, 409, GOOD), {
    ...(await refused(bob, 'POST', path, 409, GOOD)),
    review_id: id,
    code: 'review_exists',
  })
  for (const query of ['', '?rating=5', '?sort=-helpful', '?sort=rating'])
    assert.deepEqual((await world.shown(lamp, query)).items, [])
  await world.shop.caughtUp()
  assert.equal((await world.shown(lamp)).rating.count, 0)
})

test('a customer writes five reviews an hour, also through other addresses', async (t) => {
  const limited = await openReviewWorld({ RATE_LIMITS: 'on', TRUST_PROXY: 'true' })
  t.after(() => limited.shop.stop())
  const lamp = await limited.product()
  const ann = await limited.shop.registerCustomer()
  const tried = async (nth: number) => {
    const from = { 'x-forwarded-for': `192.0.2.${nth}` }
    return (await ann.post(`/products/${lamp}/reviews`, { rating: 6 }, from)).status
  }
  const statuses: number[] = []
  for (let nth = 1; nth <= 6; nth++) statuses.push(await tried(nth))
  assert.deepEqual(statuses, [422, 422, 422, 422, 422, 429])
})
