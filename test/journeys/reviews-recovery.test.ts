import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { systemClock as clock } from '../../src/kernel/clock.ts'
import { newId } from '../../src/kernel/ids.ts'
import type { UserPrincipal } from '../../src/kernel/principal.ts'
import { COLLECTIONS } from '../../src/shop/collections.ts'
import { createReviews } from '../../src/shop/reviews/reviews.ts'
import { REVIEW_VOTES, REVIEWS } from '../../src/shop/reviews/schema.ts'
import type { Storage } from '../../src/storage/storage.ts'
import { someUser } from '../support/cart-world.ts'
import { openTestStorage } from '../support/storage.ts'
import { type Intercept, tapped } from '../support/tapped-storage.ts'

const CUT = new Error('the process ended here')
const TEXT = { rating: 4, title: 'Bright', body: 'I am Ann of High Street, and it is bright.' }
const FIRST = { limit: 10, total: false }

/** Reviews of one product, by customers who bought it. */
async function openReviews(t: TestContext) {
  const { storage } = await openTestStorage(t, COLLECTIONS)
  const product_id = newId('prd')
  const page = async () => ({ id: product_id, slug: 'lamp', version: 1, rated: '', json: '{}' })
  const distribution = { 1: 0, 2: 0, 3: 0, 4: 0, 5: 0 }
  const open = (over: Storage, has_received = true) =>
    createReviews({
      storage: over,
      catalog: {
        page,
        staffPage: page,
        ratings: async () => ({ average: 0, count: 0, distribution }),
      },
      orders: { hasReceived: async () => has_received },
      users: { find: async () => undefined },
      clock,
    })
  const reviews = open(storage)
  return {
    storage,
    product_id,
    reviews,
    /** Like a process that ends where `intercept` says so. */
    dying: (intercept: Intercept) => open(tapped(storage, intercept)),
    submit: (user: UserPrincipal, door = reviews) =>
      door.submit({ user, product: product_id, review: TEXT, operation: newId('op') }),
  }
}

/** Everything after so many writes fails as if the process had ended. */
function endsAfter(writes: number): Intercept {
  let done = 0
  return (call, run) => {
    const isWrite = call.operation === 'insert' || call.operation === 'replace'
    return isWrite && done++ >= writes ? Promise.reject(CUT) : run()
  }
}

test('votes that a crash left uncounted are counted at the next pass, each once', async (t) => {
  const { storage, reviews, dying, submit, product_id } = await openReviews(t)
  const { id } = await submit(someUser())
  for (const writes of [1, 2]) await assert.rejects(dying(endsAfter(writes)).findHelpful(someUser(), id), CUT)
  const votes = storage.collection(REVIEW_VOTES)
  assert.equal((await votes.list({ index: 'uncounted', limit: 10 })).items.length, 2)
  await Promise.all([reviews.recover(), reviews.recover()])
  await reviews.recover()
  const [shown] = (await reviews.ofProduct(product_id, { sort: '-helpful' }, FIRST)).items
  assert.equal(shown!.helpful_count, 2)
  assert.equal((await votes.list({ index: 'uncounted', limit: 10 })).items.length, 0)
})

test('the request itself, repeated, makes no second review', async (t) => {
  const { reviews, product_id } = await openReviews(t)
  const wish = { user: someUser(), product: product_id, review: TEXT, operation: newId('op') }
  assert.deepEqual(await reviews.submit(wish), await reviews.submit(wish))
  assert.equal((await reviews.ofUser(wish.user.id, FIRST)).items.length, 1)
})

test('of a forgotten person no review and no name is left, wherever it was cut off, and votes stay', async (t) => {
  const { storage, reviews, dying, submit, product_id } = await openReviews(t)
  const [ann, bob, staff] = [someUser(), someUser(), someUser()]
  const own = await submit(ann)
  const other = await submit(bob)
  await reviews.findHelpful(ann, other.id)
  await reviews.reject({ principal: staff, id: own.id, reason: 'Names a street' })
  await reviews.remove({ principal: ann, id: own.id })
  const second = await submit(ann)
  assert.equal(second.status, 'pending')
  const known = await reviews.known(ann.id)
  assert.deepEqual(
    [known.reviews[0]!.title, known.reviews_read_first, known.found_helpful[0]!.review_id],
    ['Bright', [{ product_id }], other.id],
  )

  for (const writes of [0, 1, 2]) await assert.rejects(dying(endsAfter(writes)).forget(ann.id), CUT)
  await reviews.forget(ann.id)
  await reviews.forget(ann.id)
  assert.deepEqual(await reviews.known(ann.id), { reviews: [], reviews_read_first: [], found_helpful: [] })
  const left = [
    await storage.collection(REVIEWS).getMany([own.id, second.id]),
    (await storage.collection(REVIEW_VOTES).list({ index: 'by_review', limit: 10 })).items,
  ]
  assert.doesNotMatch(JSON.stringify(left), new RegExp(`${ann.id}|Ann|Street`))
  const [shown] = (await reviews.ofProduct(product_id, { sort: '-created_at' }, FIRST)).items
  assert.deepEqual([shown!.id, shown!.helpful_count], [other.id, 1])
})
