import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import type { ListingPage } from '../listing.ts'
import { createListingPages } from './listing-pages.ts'
import { LISTING_TABLES } from './listing-tables.ts'

const EMPTY: ListingPage = { cards: [], next: null, looked_at: null }

function pagesOf(t: { after(done: () => void): void }) {
  const db = new DatabaseSync(':memory:')
  db.exec(LISTING_TABLES)
  t.after(() => db.close())
  const version = db.prepare('SELECT shown, figures FROM listing_versions')
  return { db, pages: createListingPages({ prepare: () => version }) }
}

test('pages without cards push each other out too, so that made-up filters cannot fill the memory', async (t) => {
  const { pages } = pagesOf(t)
  const asked = (min_price: number) =>
    pages({ sort: '-created_at', limit: 20, tag: 'x'.repeat(500), min_price }, () => {
      reads += 1
      return EMPTY
    })
  let reads = 0
  await asked(0)
  await asked(0)
  assert.equal(reads, 1)
  const many = 40_000
  for (let price = 1; price <= many; price++) await asked(price)
  await asked(0)
  assert.equal(reads, many + 2)
})

test('a page that was read while the listing changed is not answered again', async (t) => {
  const { db, pages } = pagesOf(t)
  const query = { sort: 'price', limit: 20, currency: 'USD', available_cap: 10 } as const
  const reading = Promise.withResolvers<ListingPage>()
  const early = pages(query, () => reading.promise)
  db.exec('UPDATE listing_versions SET shown = shown + 1, figures = figures + 1')
  reading.resolve(EMPTY)
  assert.equal(await early, EMPTY)
  const after = { ...EMPTY, cards: ['{}'] }
  assert.equal(await pages(query, () => after), after)
  db.exec('UPDATE listing_versions SET figures = figures + 1')
  assert.equal(await pages(query, () => assert.fail('what there is plenty of was sold')), after)
})
