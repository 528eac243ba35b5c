import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { newId } from '../../src/kernel/ids.ts'
import type { ListingSort } from '../../src/storage/listing.ts'
import type { CollectionDefinition, Storage } from '../../src/storage/storage.ts'
import { listingFacetsContract } from './listing-facets.ts'
import { createListingWorld, LISTED, type Listed, type ListingWorld } from './listing-fixtures.ts'
import { listingSearchContract } from './listing-search.ts'

export type OpenStorage = (
  t: TestContext,
  collections: CollectionDefinition<Listed>[],
) => Promise<{ storage: Storage }>

/** What every engine must do with lists, search and facets. */
export function listingContract(name: string, open: OpenStorage): void {
  const world = async (t: TestContext) => createListingWorld((await open(t, [LISTED])).storage)
  describe(`the listing on ${name}`, () => {
    rows(world)
    orders(world)
    filters(world)
    listingSearchContract(world)
    listingFacetsContract(world)
  })
}

type OpenWorld = (t: TestContext) => Promise<ListingWorld>

function rows(open: OpenWorld): void {
  it('shows a product from its commit on, changed with it, and gone with it', async (t) => {
    const { listed, add, ids, storage } = await open(t)
    const id = await add({ name: 'First name', tags: ['old'] })
    assert.deepEqual(await ids(), [id])
    const read = (await listed.get(id))!
    await listed.replace({ ...read, row: { ...read.row!, name: 'Other', tags: ['new'], price: 5 } })
    const [card] = (await storage.listing.page({ sort: 'name', limit: 5 })).cards
    assert.deepEqual(JSON.parse(card!), {
      id,
      version: 2,
      name: 'Other',
      available: 0,
      rating: { average: 0, count: 0 },
    })
    assert.deepEqual([await ids({ tag: 'old' }), await ids({ tag: 'new' })], [[], [id]])
    await listed.replace({ ...(await listed.get(id))!, row: null })
    assert.deepEqual([await ids(), await ids({ tag: 'new' })], [[], []])
  })

  it('goes on after many came and went, one after the other', async (t) => {
    const { listed, add, ids } = await open(t)
    const left: string[] = []
    for (let times = 0; times < 40; times++) {
      left.unshift(await add({ name: `Lamp ${times}` }))
      if (left.length > 3) await listed.replace({ ...(await listed.get(left.splice(2, 1)[0]!))!, row: null })
    }
    assert.deepEqual(await ids({ limit: 50 }), left)
  })

  it('comes back in its old place with the figures known of it', async (t) => {
    const { listed, add, ids, stats, storage } = await open(t)
    const first = await add()
    const second = await add()
    const read = (await listed.get(first))!
    const hidden = await listed.replace({ ...read, row: null })
    await stats(first, { available_total: 7, sold: 3, rating_sum: 9, rating_count: 2 })
    await listed.replace({ ...hidden, row: read.row })
    assert.deepEqual(await ids(), [second, first])
    assert.deepEqual(await ids({ sort: '-sold' }), [first, second])
    const { cards } = await storage.listing.page({ sort: '-rating', limit: 1, available_cap: 5 })
    const card = JSON.parse(cards[0]!)
    assert.deepEqual([card.available, card.rating], [5, { average: 4.5, count: 2 }])
  })

  it('answers a page that was asked before with what has changed since', async (t) => {
    const { add, stats, storage } = await open(t)
    const [first, second] = [await add(), await add()]
    const figures = (available_total: number, sold: number) =>
      stats(first, { available_total, sold, rating_sum: 0, rating_count: 0 })
    const asked = async (sort: ListingSort, available_cap?: number) => {
      const { cards } = await storage.listing.page({
        sort,
        limit: 5,
        ...(available_cap && { available_cap }),
      })
      return cards.map((card) => JSON.parse(card) as { id: string; available: number })
    }
    const look = async () => ({
      exact: (await asked('-created_at')).find(({ id }) => id === first)?.available,
      capped: (await asked('-created_at', 10)).find(({ id }) => id === first)?.available,
      most_sold: (await asked('-sold', 10))[0]?.id,
    })
    await figures(1_000, 0)
    assert.deepEqual(await look(), { exact: 1_000, capped: 10, most_sold: second })
    await figures(999, 1)
    assert.deepEqual(await look(), { exact: 999, capped: 10, most_sold: first })
    await figures(9, 1)
    assert.deepEqual(await look(), { exact: 9, capped: 9, most_sold: first })
    const third = await add()
    assert.equal((await asked('-created_at', 10))[0]?.id, third)
  })

  it('leaves the listing as it was when the commit is refused', async (t) => {
    const { listed, add, ids } = await open(t)
    const id = await add({ tags: ['kept'] })
    const read = (await listed.get(id))!
    await assert.rejects(listed.replace({ ...read, version: 9, row: null }), { code: 'version_moved' })
    assert.deepEqual(await ids({ tag: 'kept' }), [id])
  })
}

const SORTS: Exclude<ListingSort, 'relevance'>[] = [
  '-created_at',
  'price',
  '-price',
  '-rating',
  '-sold',
  'name',
]

function orders(open: OpenWorld): void {
  it('pages through every order without gap or repeat, ties included, whatever the filter', async (t) => {
    const { add, ids, walk } = await open(t)
    for (let at = 0; at < 40; at++) {
      await add(
        {
          name: `Name ${at % 5}`,
          price: 100 * (at % 4),
          category_ids: [`cat_${at % 3}`, 'cat_all'],
          tags: at % 2 ? ['odd'] : [],
          attributes: [`size=${at % 2}`],
        },
        { available_total: at % 3, sold: at % 4, rating_sum: at % 5, rating_count: 1 },
      )
    }
    const filters = [
      {},
      { categories: ['cat_0', 'cat_1'] },
      { tag: 'odd' },
      { attributes: ['size=0'] },
      { in_stock: true },
    ]
    for (const sort of SORTS) {
      for (const filter of filters) {
        const query = { ...filter, sort, currency: 'USD' }
        const whole = await ids(query)
        assert.deepEqual(await walk(query), whole, `${sort} ${JSON.stringify(filter)}`)
        assert.equal(new Set(whole).size, whole.length)
      }
    }
    assert.equal((await ids({ categories: ['cat_all', 'cat_0'] })).length, 40)
  })

  it('orders by each key, newest first among equals of what sinks', async (t) => {
    const { add, ids } = await open(t)
    const a = await add({ name: 'Éclair', price: 300 }, { sold: 1, rating_sum: 4, rating_count: 1 })
    const b = await add({ name: 'apple', price: 100 }, { sold: 5, rating_sum: 9, rating_count: 2 })
    const c = await add({ name: 'Zebra', price: 200 }, { sold: 5, rating_sum: 0, rating_count: 0 })
    const expected: Record<string, string[]> = {
      '-created_at': [c, b, a],
      price: [b, c, a],
      '-price': [a, c, b],
      '-rating': [b, a, c],
      '-sold': [c, b, a],
      name: [b, a, c],
    }
    for (const sort of SORTS) assert.deepEqual(await ids({ sort, currency: 'USD' }), expected[sort], sort)
  })

  it('goes on behind a cursor after inserts and removals in front of it', async (t) => {
    const { add, listed, storage } = await open(t)
    const made: string[] = []
    for (let at = 0; at < 6; at++) made.unshift(await add())
    const first = await storage.listing.page({ sort: '-created_at', limit: 2 })
    await add()
    await listed.replace({ ...(await listed.get(made[1]!))!, row: null })
    const second = await storage.listing.page({ sort: '-created_at', limit: 10, after: first.next! })
    assert.deepEqual(
      second.cards.map((card) => JSON.parse(card).id),
      made.slice(2),
    )
  })
}

function filters(open: OpenWorld): void {
  it('combines filters: all of them hold, prices within one currency, bounds included', async (t) => {
    const { add, ids, stats } = await open(t)
    const red = await add({
      price: 100,
      category_ids: ['cat_1'],
      tags: ['sale'],
      attributes: ['color=red', 'size=1'],
    })
    const blue = await add({
      price: 200,
      category_ids: ['cat_2'],
      tags: ['sale'],
      attributes: ['color=blue', 'size=1'],
    })
    const euro = await add({ price: 150, currency: 'EUR', category_ids: ['cat_1'] })
    await stats(blue, { available_total: 1 })
    assert.deepEqual(await ids({ categories: ['cat_1'] }), [euro, red])
    assert.deepEqual(await ids({ categories: ['cat_1', 'cat_2'], tag: 'sale' }), [blue, red])
    assert.deepEqual(await ids({ attributes: ['size=1', 'color=red'] }), [red])
    assert.deepEqual(await ids({ currency: 'USD', min_price: 100, max_price: 199 }), [red])
    assert.deepEqual(await ids({ currency: 'USD', min_price: 200, sort: 'price' }), [blue])
    assert.deepEqual(await ids({ currency: 'EUR', sort: '-price' }), [euro])
    assert.deepEqual(await ids({ in_stock: true }), [blue])
    assert.deepEqual(await ids({ in_stock: false, tag: 'sale' }), [red])
    for (const nothing of [
      { tag: 'none' },
      { categories: [] },
      { categories: ['cat_9'] },
      { attributes: ['color=green'] },
    ]) {
      assert.deepEqual(await ids(nothing), [])
    }
  })

  it('finds the few that match among many that do not', async (t) => {
    const { add, listed, walk } = await open(t)
    const rare = [await add({ tags: ['rare'], price: 7, category_ids: ['cat_big'] })]
    const now = '2026-01-01T00:00:00.000Z'
    const template = (await listed.get(rare[0]!))!.row!
    const crowd = Array.from({ length: 1_500 }, (_, at) => ({
      id: newId('prd'),
      row: { ...template, tags: ['common'], price: 1_000 + at },
      created_at: now,
      updated_at: now,
    }))
    await listed.insertMany(crowd)
    rare.unshift(await add({ tags: ['rare'], price: 8, category_ids: ['cat_big'] }))
    for (const sort of SORTS) {
      const found = await walk({ sort, tag: 'rare', categories: ['cat_big'], currency: 'USD' })
      assert.deepEqual([...found].sort(), [...rare].sort(), sort)
    }
    const cheap = await walk({ currency: 'USD', max_price: 10, in_stock: false })
    assert.deepEqual(cheap, rare)
  })
}
