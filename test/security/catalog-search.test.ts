import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { type RunningShop, type SignedInClient, startShop } from '../support/shop.ts'

const price = { amount: 100, currency: 'USD' }

describe('lists and search refuse', () => {
  let shop: RunningShop
  let staff: SignedInClient
  before(async () => {
    shop = await startShop()
    staff = await shop.asStaff()
  })
  after(() => shop.stop())

  it('API4-05 limits and pages that are not offered', async () => {
    for (const query of [
      'limit=1000000',
      'limit=-1',
      'limit=0',
      'limit=1e3',
      'page=999999',
      'limit=5&limit=6',
      'cursor=%00',
    ]) {
      assert.equal((await shop.asGuest().get(`/products?${query}`)).status, 400, query)
    }
  })

  it('API4-06 nothing of a search but takes it literally', async () => {
    await staff.post('/products', { name: 'Literal aaaa', price })
    for (const q of ['(a+)+$', 'a'.repeat(5_000), '.*'.repeat(100), '"', 'NEAR(a b)', 'name:literal*']) {
      const { status } = await shop.asGuest().get(`/products?q=${encodeURIComponent(q)}`)
      assert.equal(status, 200, q.slice(0, 20))
    }
    const { body } = await shop.asGuest().get('/products?q=.*')
    assert.deepEqual(body.items, [])
  })

  it('API8-01 operators in the query', async () => {
    for (const query of [
      'name[$ne]=x',
      'price[$gt]=0',
      '$where=1',
      'q[$regex]=.*',
      'attr.$ne=1',
      'attr.a.b=1',
      'attr.=1',
      'sort=passwordHash',
    ]) {
      assert.equal((await shop.asGuest().get(`/products?${query}`)).status, 400, query)
    }
  })

  it('API8-02 no text: operators are stored and searched literally', async () => {
    for (const text of ['$gt', "'; return true;//", '{"$regex":".*"}']) {
      const attributes = { odd: text }
      const made = await staff.post('/products', {
        name: `Odd ${text}`,
        price,
        description: text,
        tags: [text],
        attributes,
      })
      assert.deepEqual([made.status, made.body.description, made.body.attributes], [201, text, attributes])
      const found = await shop
        .asGuest()
        .get(`/products?tag=${encodeURIComponent(text)}&attr.odd=${encodeURIComponent(text)}`)
      assert.deepEqual(
        found.body.items.map((item: { id: string }) => item.id),
        [made.body.id],
      )
    }
  })

  it('API8-03 no quotes: SQL is text like any other', async () => {
    const evil = `'); DROP TABLE products; -- " % _ \\`
    const made = await staff.post('/products', { name: evil, price, tags: [evil], attributes: { evil } })
    assert.deepEqual([made.status, made.body.name], [201, evil])
    for (const query of [
      `q=${encodeURIComponent(evil)}`,
      `tag=${encodeURIComponent(evil)}`,
      `attr.evil=${encodeURIComponent(evil)}`,
    ]) {
      const { body } = await shop.asGuest().get(`/products?${query}`)
      assert.ok(
        body.items.some((item: { id: string }) => item.id === made.body.id),
        query,
      )
    }
    assert.deepEqual(
      (await shop.asGuest().get(`/products?category=${encodeURIComponent("' OR 1=1 --")}`)).body.items,
      [],
    )
  })
})
