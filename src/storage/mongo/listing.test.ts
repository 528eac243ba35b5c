import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { createListingWorld, LISTED, type ListingWorld } from '../../../test/contracts/listing-fixtures.ts'
import { whyNot } from '../../../test/servers/possible.ts'
import { openTestMongo } from '../../../test/support/mongo.ts'
import { openTestEngine } from '../../../test/support/mongo-engine.ts'
import { openTestStorage } from '../../../test/support/storage.ts'
import type { ListingFilter, ListingPosition, ListingQuery, ListingSort } from '../listing.ts'
import { EVERYTHING, filterOf } from './listing-filter.ts'
import { listingIndexes } from './listing-indexes.ts'
import { createListingReader } from './listing-reader.ts'
import { SORTS } from './listing-rows.ts'
import { wordsIn } from './listing-sources.ts'
import { walkPage } from './listing-walk.ts'

const COLORS = ['red', 'green', 'blue']
const WORDS = ['cup', 'cupboard', 'crème', 'lamp', 'oak', 'Öl', 'tin']
const PRODUCTS = 40

describe('the listing on a MongoDB server', { skip: whyNot('mongodb') ?? false }, () => {
  it('answers every question as the embedded engine does', async (t) => {
    const mongo = createListingWorld((await openTestMongo(t, [LISTED])).storage)
    const sqlite = createListingWorld((await openTestStorage(t, [LISTED])).storage)
    await fill(mongo)
    await copy(mongo, sqlite)
    for (const filter of FILTERS) {
      const found = await Promise.all([mongo, sqlite].map(({ storage }) => counted(storage.listing, filter)))
      assert.deepEqual(found[0], found[1], JSON.stringify(filter))
      for (const sort of filter.text === undefined ? LISTED_SORTS : (['relevance', 'price'] as const)) {
        const query = { ...filter, sort, currency: 'USD', limit: 7 }
        assert.deepEqual(await mongo.walk(query), await sqlite.walk(query), JSON.stringify(query))
      }
    }
  })

  it('walks on where a page ended because enough was looked at, and misses nothing', async (t) => {
    const { world, reader } = await readerOn(t)
    const ids = await fill(world)
    const filter = filterOf({ tag: 'rare' })!
    for (const sort of ['-created_at', '-sold', 'name', 'price'] as const) {
      const found: string[] = []
      let after: ListingPosition | undefined
      let stops = 0
      do {
        const query: ListingQuery = { sort, limit: 3, currency: 'USD', ...(after && { after }) }
        const walk = { filter, query: { ...query, sort }, driver: EVERYTHING, rows: 4 }
        const { page, complete } = await walkPage(reader, walk)
        found.push(...page.cards.map((card) => JSON.parse(card).id as string))
        after = page.next ?? undefined
        if (!complete) stops += 1
      } while (after)
      assert.ok(stops > 0)
      assert.deepEqual(found.sort(), ids.filter((_, at) => at % 5 === 0).sort(), sort)
    }
  })

  it('says how many matches of a search were looked at when it was not all', async (t) => {
    const { world, reader } = await readerOn(t)
    for (const name of ['Lamp of oak', 'Lamp of tin', 'Lampshade', 'Old lamp']) await world.add({ name })
    const looked = (text: string, limit: number) =>
      wordsIn(reader, text, { field: 'words', limit })!.looked_at()
    assert.deepEqual(await looked('lamp', 3), { value: 3, relation: 'gte' })
    assert.equal(await looked('lamp', 5), null)
    assert.deepEqual(await looked('of lamp', 2), { value: 2, relation: 'gte' })
    assert.equal(await looked('of lamp', 3), null)
  })

  it('takes no condition of its own from a cursor', async (t) => {
    const { world } = await readerOn(t)
    for (let at = 0; at < 3; at++) await world.add({ name: 'Lamp' })
    const forged = [
      { value: { $ne: '' }, id: { $ne: '' } },
      { value: '', id: { $gt: '' } },
      { value: [1], id: 'x' },
    ]
    for (const after of forged as unknown as ListingPosition[]) {
      for (const query of [{ sort: '-created_at' }, { sort: '-sold' }, { sort: 'relevance', text: 'lamp' }])
        await assert.rejects(world.ids({ ...(query as Partial<ListingQuery>), after }), {
          code: 'bad_cursor',
        })
    }
  })

  it('has an index for every order', () => {
    const names = new Set(listingIndexes('products').map(({ name }) => name))
    for (const { index } of Object.values(SORTS)) assert.ok(names.has(index), index)
  })
})

const LISTED_SORTS: ListingSort[] = ['-created_at', 'price', '-price', '-rating', '-sold', 'name']

const FILTERS: ListingFilter[] = [
  {},
  { categories: ['cat_0'] },
  { categories: ['cat_1', 'cat_2'], in_stock: true },
  { tag: 'rare', attributes: ['color=red'] },
  { attributes: ['color=blue', 'size=a=b'] },
  { currency: 'USD', min_price: 300, max_price: 600 },
  { currency: 'USD', max_price: 500, tag: 'even', in_stock: false },
  { categories: ['none'] },
  { text: 'cup' },
  { text: 'lamp cu' },
  { text: 'CREME', in_stock: true },
  { text: 'oak cup ti', currency: 'USD', max_price: 500 },
  { text: 'ol', tag: 'even' },
  { text: 'nothing' },
]

async function readerOn(t: TestContext) {
  const { storage, url } = await openTestMongo(t, [LISTED])
  return { world: createListingWorld(storage), reader: createListingReader(await openTestEngine(t, url)) }
}

/** The same odd mixture each time. */
async function fill(world: ListingWorld): Promise<string[]> {
  const ids: string[] = []
  for (let at = 0; at < PRODUCTS; at++) {
    const words = [at, at * 3 + 1, at * 5 + 2].map((one) => WORDS[one % WORDS.length]!)
    const name = words.slice(0, 1 + (at % 3)).join(' ')
    const row = {
      name,
      price: 100 * (at % 9),
      currency: at % 7 === 6 ? 'EUR' : 'USD',
      category_ids: [`cat_${at % 3}`, ...(at % 4 ? [] : ['cat_2'])],
      tags: [...(at % 2 ? [] : ['even']), ...(at % 5 ? [] : ['rare'])],
      attributes: [`color=${COLORS[at % 3]}`, ...(at % 4 ? ['size=a=b'] : [])],
      text: { name, skus: `SKU-${at}`, tags: '', description: words.join(', ') },
    }
    const figures = {
      available_total: (at * 7) % 4,
      sold: (at * 11) % 5,
      rating_sum: (at * 13) % 6,
      rating_count: at % 3,
    }
    ids.push(await world.add(row, figures))
  }
  return ids
}

async function copy(from: ListingWorld, to: ListingWorld): Promise<void> {
  const ids = (await from.walk({ limit: 50 })).reverse()
  const stats = await from.storage.rollUps.read('product_stats', ids)
  await to.storage.rollUps.write(
    'product_stats',
    stats.map((document) => ({ ...document, expected: null })),
    [],
  )
  const verdicts = await to.listed.insertMany(await from.listed.getMany(ids))
  assert.ok(verdicts.every(({ ok }) => ok))
}

/** Counts of one filter, facets in an order of their own where equals may lie either way. */
async function counted(listing: ListingWorld['storage']['listing'], filter: ListingFilter) {
  const facets = await listing.facets(filter, 'USD')
  const byText = (a: object, b: object) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)
  return {
    count: await listing.count(filter),
    total: facets.total,
    prices: facets.prices,
    categories: facets.categories.sort(byText),
    tags: facets.tags.sort(byText),
    attributes: facets.attributes.sort(byText),
  }
}
