import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { productStatsReaction } from '../../src/shop/catalog/reactions.ts'
import { compareRollUp } from '../../src/stream/compare.ts'
import type { Body } from '../support/http-client.ts'
import { everything } from '../support/log.ts'
import { GOOD, openReviewWorld, type ReviewWorld } from '../support/review-world.ts'
import { until } from '../support/until.ts'

let world: ReviewWorld
before(async () => {
  world = await openReviewWorld()
})
after(() => world.shop.stop())

const titles = (page: Body): string[] => page.items.map(({ title }: Body) => title)
const ratingOn = async (product_id: string) =>
  (await world.shop.asGuest().get(`/products/${product_id}`)).body.rating

test('who bought it is read at once, who did not when staff have approved it', async () => {
  const lamp = await world.product()
  const ann = await world.buyer(lamp)
  const bob = await world.shop.registerCustomer({ name: 'Bob' })
  const own = await world.review(ann, lamp)
  assert.deepEqual([own.status, own.verified_purchase, own.author], ['approved', true, 'Ann A.'])
  const waiting = await world.review(bob, lamp, { rating: 2, title: 'Dim' })
  assert.deepEqual([waiting.status, waiting.verified_purchase], ['pending', false])
  assert.deepEqual(titles(await world.shown(lamp)), ['Bright'])

  const queue = await world.staff.get(`/admin/reviews?product_id=${lamp}&include=total`)
  assert.deepEqual([titles(queue.body), queue.body.total.value], [['Dim'], 1])
  assert.deepEqual(queue.body.items[0].user_id, bob.user.id)
  const approved = await world.staff.post(`/admin/reviews/${waiting.id}/approve`)
  assert.deepEqual([approved.status, approved.body.moderated_by], [200, world.staff.user.id])
  assert.deepEqual(titles(await world.shown(lamp)), ['Dim', 'Bright'])
  assert.equal((await world.staff.post(`/admin/reviews/${waiting.id}/approve`)).status, 200)
})

test('only what was shipped is a purchase, and what was cancelled is none', async () => {
  const lamp = await world.product()
  const judged = async (status: 'processing' | 'shipped', cancelled = false) => {
    const customer = await world.shop.registerCustomer()
    const order = await world.order(customer, lamp, status)
    if (cancelled) assert.equal((await customer.post(`/orders/${order}/cancel`, {})).status, 200)
    return (await world.review(customer, lamp)).verified_purchase
  }
  assert.equal(await judged('processing'), false)
  assert.equal(await judged('processing', true), false)
  assert.equal(await judged('shipped'), true)
})

test('average and distribution follow what is shown, on the page, in lists and in their order', async () => {
  const tag = 'rated'
  const [lamp, lantern] = [await world.product({ tags: [tag] }), await world.product({ tags: [tag] })]
  assert.deepEqual(await ratingOn(lamp), { average: 0, count: 0 })
  const ann = await world.buyer(lamp)
  const own = await world.review(ann, lamp, { rating: 4 })
  await world.review(await world.buyer(lamp), lamp, { rating: 5 })
  await world.review(await world.buyer(lantern), lantern, { rating: 3 })
  await until(async () => (await ratingOn(lamp)).average === 4.5)

  await world.shop.caughtUp()
  const { rating } = await world.shown(lamp)
  assert.deepEqual(rating, { average: 4.5, count: 2, distribution: { 1: 0, 2: 0, 3: 0, 4: 1, 5: 1 } })
  const listed = async () =>
    (await world.shop.asGuest().get(`/products?tag=${tag}&sort=-rating`)).body.items.map(({ id }: Body) => id)
  assert.deepEqual(await listed(), [lamp, lantern])

  assert.equal((await ann.patch(`/reviews/${own.id}`, { rating: 1 })).body.status, 'approved')
  await until(async () => (await ratingOn(lamp)).average === 3)
  const second = (await world.shown(lamp, '?rating=5')).items[0]
  assert.equal((await world.staff.post(`/admin/reviews/${second.id}/reject`, {})).status, 200)
  await until(async () => (await ratingOn(lamp)).average === 1)
  await world.shop.caughtUp()
  assert.deepEqual(await listed(), [lantern, lamp])
  assert.equal((await ann.delete(`/reviews/${own.id}`)).status, 204)
  await until(async () => (await ratingOn(lamp)).count === 0)
  assert.equal((await world.shown(lamp)).rating.distribution[1], 0)
})

test('an author changes, finds and deletes a review, against the version that was read', async () => {
  const lamp = await world.product()
  const bob = await world.shop.registerCustomer({ name: 'Bob Dylan' })
  const { id } = await world.review(bob, lamp)
  await world.staff.post(`/admin/reviews/${id}/approve`)
  const { body: mine } = await bob.get('/reviews?include=total')
  assert.deepEqual([mine.items[0].id, mine.items[0].status, mine.total.value], [id, 'approved', 1])

  const changed = await bob.patch(`/reviews/${id}`, { title: ' Dimmer ' }, { 'if-match': '"2-x"' })
  assert.deepEqual([changed.body.title, changed.body.status, changed.body.version], ['Dimmer', 'pending', 3])
  assert.deepEqual((await world.shown(lamp)).items, [], 'a new text waits as the first one did')
  assert.equal((await bob.patch(`/reviews/${id}`, { title: 'X' }, { 'if-match': '"2-x"' })).status, 412)
  assert.equal((await bob.patch(`/reviews/${id}`, { title: 'Dimmer' })).body.version, 3)
  assert.equal((await bob.patch(`/reviews/${id}`, {})).status, 422)

  assert.equal((await bob.delete(`/reviews/${id}`)).status, 204)
  assert.equal((await bob.delete(`/reviews/${id}`)).status, 404)
  assert.deepEqual((await bob.get('/reviews')).body.items, [])
  assert.equal((await world.review(bob, lamp)).status, 'pending', 'and may begin anew')
})

test('staff amend a text, and not its stars', async () => {
  const lamp = await world.product()
  const ann = await world.buyer(lamp)
  const { id } = await world.review(ann, lamp, { body: 'Call me: 555 0100' })
  const amended = await world.staff.patch(`/reviews/${id}`, { body: 'Call me: …' })
  assert.deepEqual([amended.status, amended.body.status, amended.body.author], [200, 'approved', 'Ann A.'])
  const refused = await world.staff.patch(`/reviews/${id}`, { rating: 1 })
  assert.deepEqual([refused.status, refused.body.code], [403, 'foreign_rating'])
})

test('what staff rejected stays hidden, and so does what its author writes instead until it is read', async () => {
  const lamp = await world.product()
  const ann = await world.buyer(lamp)
  const { id } = await world.review(ann, lamp)
  const rejected = await world.staff.post(`/admin/reviews/${id}/reject`, { reason: 'Names a neighbour' })
  assert.equal(rejected.body.status, 'rejected')
  assert.equal((await ann.get('/reviews')).body.items[0].rejection_reason, 'Names a neighbour')
  assert.equal((await world.staff.get('/admin/reviews?status=rejected')).body.items[0].id, id)
  const again = (body: object) => world.staff.post(`/admin/reviews/${id}/reject`, body)
  assert.equal((await again({ reason: 'Names a neighbour ' })).body.version, rejected.body.version)
  assert.equal((await again({})).body.version, rejected.body.version)
  assert.equal((await again({ reason: 'Names the neighbours' })).body.version, rejected.body.version + 1)
  assert.equal((await ann.get('/reviews')).body.items[0].rejection_reason, 'Names the neighbours')

  assert.equal((await ann.patch(`/reviews/${id}`, { title: 'Again' })).body.status, 'pending')
  await ann.delete(`/reviews/${id}`)
  assert.equal((await world.review(ann, lamp)).status, 'pending', 'beginning anew is no way round it')
  assert.deepEqual((await world.shown(lamp)).items, [])
})

test('a vote counts once, and not for oneself', async () => {
  const lamp = await world.product()
  const ann = await world.buyer(lamp)
  const { id } = await world.review(ann, lamp, { title: 'Helpful' })
  await world.review(await world.buyer(lamp), lamp, { title: 'Newer' })
  const voters = await Promise.all(Array.from({ length: 5 }, () => world.shop.registerCustomer()))
  const answers = await Promise.all(
    [...voters, ...voters].map((voter) => voter.post(`/reviews/${id}/helpful`)),
  )
  assert.ok(answers.every(({ status }) => status === 200))
  const first = (await world.shown(lamp, '?sort=-helpful')).items[0]
  assert.deepEqual([first.title, first.helpful_count, first.version], ['Helpful', 5, 1])
  assert.equal((await ann.patch(`/reviews/${id}`, { rating: 4 }, { 'if-match': '"1-x"' })).status, 200)

  const own = await ann.post(`/reviews/${id}/helpful`)
  assert.deepEqual([own.status, own.body.code], [403, 'own_review'])
  const hidden = await world.review(await world.shop.registerCustomer(), lamp)
  assert.equal((await ann.post(`/reviews/${hidden.id}/helpful`)).status, 404)
})

test('reviews come in pages, in the order that is asked for', async () => {
  const lamp = await world.product()
  for (const rating of [3, 1, 5, 3]) await world.review(await world.buyer(lamp), lamp, { rating })
  const paged = async (query: string) => {
    const found: number[] = []
    for (let cursor = ''; ; ) {
      const { items, next_cursor } = await world.shown(lamp, `?limit=1${query}${cursor}`)
      found.push(...items.map(({ rating }: Body) => rating))
      if (next_cursor === null) return found
      cursor = `&cursor=${next_cursor}`
    }
  }
  assert.deepEqual(await paged(''), [3, 5, 1, 3])
  assert.deepEqual(await paged('&sort=rating'), [1, 3, 3, 5])
  assert.deepEqual(await paged('&sort=-rating'), [5, 3, 3, 1])
  assert.deepEqual(await paged('&rating=3'), [3, 3])
  assert.deepEqual(await paged('&rating=3&sort=-helpful'), [3, 3])
  const { total } = await world.shown(lamp, '?include=total&rating=3')
  assert.deepEqual(total, { value: 2, relation: 'eq' })
})

test('a product that is not for sale has no reviews for shoppers, and takes none', async () => {
  const draft = await world.product({ status: 'draft' })
  const ann = await world.shop.registerCustomer()
  assert.equal((await ann.get(`/products/${draft}/reviews`)).status, 404)
  assert.equal((await ann.post(`/products/${draft}/reviews`, GOOD)).status, 404)
  assert.equal((await world.staff.get(`/products/${draft}/reviews`)).status, 200)
})

test('events tell what a review counts for and not what it says; counted anew they come to the same', async () => {
  const lamp = await world.product()
  const ann = await world.buyer(lamp, 'Zebulon Quatermain')
  const { id } = await world.review(ann, lamp, { title: 'A most secret title', body: 'A most secret text' })
  await world.staff.post(`/admin/reviews/${id}/reject`, { reason: 'A most secret reason' })
  await ann.delete(`/reviews/${id}`)
  await world.shop.caughtUp()
  const { log, storage } = world.shop.application
  const told = (await everything(log, ['ecommerce-inventory'])).map(({ event }) => event)
  const own = told.filter(({ subject }) => subject === `reviews/${id}`)
  assert.deepEqual(
    own.map(({ type, actor, sequence, partitionkey }) => [type, actor, sequence, partitionkey === lamp]),
    [
      ['review_submitted', ann.user.id, 1, true],
      ['review_approved', 'system', 2, true],
      ['review_rejected', world.staff.user.id, 3, true],
      ['review_deleted', ann.user.id, 4, true],
    ],
  )
  assert.doesNotMatch(JSON.stringify(told), /secret|Zebulon/)

  const { rollUps } = storage
  const compared = await compareRollUp({ reaction: productStatsReaction, log, rollUps })
  assert.deepEqual(compared.differences, [])
})
