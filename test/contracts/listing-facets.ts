import assert from 'node:assert/strict'
import { it, type TestContext } from 'node:test'
import type { ListingWorld } from './listing-fixtures.ts'

/** Counts: totals, facets, products of categories. */
export function listingFacetsContract(open: (t: TestContext) => Promise<ListingWorld>): void {
  it('counts matches exactly while they are few', async (t) => {
    const { add, storage } = await open(t)
    for (let at = 0; at < 7; at++) await add({ tags: at % 2 ? ['odd'] : [], name: `Thing ${at}`, price: at })
    const count = (query: object) => storage.listing.count({ ...query })
    assert.deepEqual(await count({}), { value: 7, relation: 'eq' })
    assert.deepEqual(await count({ tag: 'odd' }), { value: 3, relation: 'eq' })
    assert.deepEqual(await count({ tag: 'odd', currency: 'USD', min_price: 2 }), { value: 2, relation: 'eq' })
    assert.deepEqual(await count({ text: 'thing' }), { value: 7, relation: 'eq' })
    assert.deepEqual(await count({ tag: 'none' }), { value: 0, relation: 'eq' })
  })

  it('counts the values among the matches, most frequent first', async (t) => {
    const { add, storage } = await open(t)
    await add({
      category_ids: ['cat_1'],
      tags: ['new', 'sale'],
      attributes: ['color=red', 'size=a=b'],
      price: 100,
    })
    await add({ category_ids: ['cat_1', 'cat_2'], tags: ['sale'], attributes: ['color=red'], price: 5_000 })
    await add({ category_ids: ['cat_3'], tags: ['other'], price: 70, currency: 'EUR' })
    const facets = await storage.listing.facets({ categories: ['cat_1'] }, 'USD')
    assert.deepEqual(facets.total, { value: 2, relation: 'eq' })
    assert.deepEqual(facets.categories, [
      { value: 'cat_1', count: 2 },
      { value: 'cat_2', count: 1 },
    ])
    assert.deepEqual(facets.tags[0], { value: 'sale', count: 2 })
    assert.deepEqual(facets.attributes, [
      { name: 'color', value: 'red', count: 2 },
      { name: 'size', value: 'a=b', count: 1 },
    ])
    assert.equal(
      facets.prices.reduce((sum, band) => sum + band.count, 0),
      2,
    )
    const euro = await storage.listing.facets({}, 'EUR')
    assert.deepEqual([euro.total.value, euro.prices.reduce((sum, band) => sum + band.count, 0)], [3, 1])
  })

  it('knows the products of each category', async (t) => {
    const { add, listed, storage } = await open(t)
    await add({ category_ids: ['cat_1', 'cat_2'] })
    const id = await add({ category_ids: ['cat_1'] })
    assert.deepEqual([...(await storage.listing.categoryCounts())].sort(), [
      ['cat_1', 2],
      ['cat_2', 1],
    ])
    await listed.replace({ ...(await listed.get(id))!, row: null })
    assert.equal((await storage.listing.categoryCounts()).get('cat_1'), 1)
  })
}
