import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { comingAgain } from '../support/come-again.ts'
import { type RunningShop, type SignedInClient, startShop } from '../support/shop.ts'

const price = { amount: 100, currency: 'USD' }

describe('categories', () => {
  let shop: RunningShop
  let staff: SignedInClient
  before(async () => {
    shop = await startShop()
    staff = await shop.asStaff()
  })
  after(() => shop.stop())

  const add = async (fields: object) => (await staff.post('/categories', fields)).body

  it('show as a tree with counts, and a list with a category has all below it', async () => {
    const clothes = await add({ name: 'Clothes' })
    const shirts = await add({ name: 'Shirts', parent_id: clothes.id })
    const shoes = await add({ name: 'Shoes', parent_id: clothes.id, position: 0 })
    const shirt = (await staff.post('/products', { name: 'A shirt', price, category_ids: [shirts.id] })).body
    const guest = shop.asGuest()
    const { body } = await guest.get('/categories')
    const [root] = body.items
    assert.deepEqual(
      [root.id, root.children.map((child: { id: string }) => child.id)],
      [clothes.id, [shirts.id, shoes.id]],
    )
    assert.equal(root.children[0].product_count, 1)
    for (const key of [clothes.id, 'clothes', 'shirts']) {
      const list = await guest.get(`/products?category=${key}&facets=true`)
      assert.deepEqual(
        list.body.items.map((item: { id: string }) => item.id),
        [shirt.id],
      )
      assert.deepEqual(list.body.facets.categories, [
        { id: shirts.id, slug: 'shirts', name: 'Shirts', count: 1 },
      ])
    }
    assert.deepEqual((await guest.get('/products?category=shoes')).body.items, [])
    assert.deepEqual((await guest.get('/products?category=unknown')).body.items, [])
  })

  it('cannot lie below themselves, share a slug with a sibling or nest deeper than eight', async () => {
    let parent_id: string | null = null
    const chain: string[] = []
    for (let depth = 0; depth < 8; depth++) {
      const made: { id: string } = await add({ name: `Level ${depth}`, parent_id })
      parent_id = made.id
      chain.push(made.id)
    }
    const codes = async (request: Promise<{ status: number; body: { code: string } }>) => {
      const { status, body } = await request
      return [status, body.code]
    }
    assert.deepEqual(await codes(staff.post('/categories', { name: 'Nine', parent_id })), [
      409,
      'category_too_deep',
    ])
    assert.deepEqual(await codes(staff.patch(`/categories/${chain[0]}`, { parent_id: chain[3] })), [
      409,
      'category_cycle',
    ])
    assert.deepEqual(await codes(staff.post('/categories', { name: 'Level 1', parent_id: chain[0] })), [
      409,
      'slug_taken',
    ])
    assert.deepEqual(await codes(staff.post('/categories', { name: 'X', parent_id: 'cat_none' })), [
      422,
      'unknown_category',
    ])
    const moved = await staff.put(`/categories/${chain[7]}`, { parent_id: null, name: 'Moved' })
    assert.deepEqual(
      [moved.status, moved.body.parent_id, moved.body.name, moved.body.slug],
      [200, null, 'Moved', 'level-7'],
    )
  })

  it('go only when empty; a product never shows one that is gone', async () => {
    const above = await add({ name: 'Above' })
    const below = await add({ name: 'Below', parent_id: above.id })
    const product = (await staff.post('/products', { name: 'In it', price, category_ids: [below.id] })).body
    assert.equal((await staff.delete(`/categories/${above.id}`)).status, 409)
    assert.equal((await staff.delete(`/categories/${below.id}`)).status, 409)
    await staff.delete(`/products/${product.id}`)
    assert.equal((await staff.delete(`/categories/${below.id}`)).status, 204)
    assert.equal((await staff.delete(`/categories/${above.id}`)).status, 204)
    assert.equal((await shop.asGuest().get(`/categories/${below.id}`)).status, 404)
    const restored = await staff.post(`/products/${product.id}/restore`)
    assert.deepEqual([restored.body.status, restored.body.category_ids], ['active', []])
    const unknown = await staff.post('/products', { name: 'Lost', price, category_ids: [below.id] })
    assert.deepEqual([unknown.status, unknown.body.errors[0].pointer], [422, '/category_ids/0'])
  })

  it('are made once for a repeated request and all of fifty at a time', async () => {
    const names = Array.from({ length: 25 }, (_, at) => `Rush ${at}`)
    const key = (name: string) => ({ 'idempotency-key': name })
    const answers = await Promise.all(
      names.flatMap((name) =>
        [0, 1].map(() => comingAgain(() => staff.post('/categories', { name }, key(name)))),
      ),
    )
    assert.ok(
      answers.every(({ status }) => status === 201),
      answers.map(({ status, text }) => `${status} ${text}`).join('\n'),
    )
    const { body } = await shop.asGuest().get('/categories')
    const rushed = body.items.filter((item: { name: string }) => item.name.startsWith('Rush'))
    assert.equal(rushed.length, 25)
  })
})
