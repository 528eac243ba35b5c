import { strict as assert } from 'node:assert'
import { test } from 'node:test'
import { countTurns } from '../../test/support/turns.ts'
import { firstOf, pagesOf } from './list-all.ts'
import type { ListQuery, Page, Stored } from './storage.ts'

const PAGES = 5

/** A list of `PAGES` pages with two documents each, whatever is asked for. */
const collection = {
  async list({ after }: ListQuery): Promise<Page<Stored>> {
    const page = Number(after?.value ?? 0) + 1
    const items = [1, 2].map((at) => ({ id: `${page}.${at}` }) as Stored)
    return { items, next: page < PAGES ? { value: page, id: '' } : null }
  },
}

test('a walk through a list gives others their turn between its pages', async () => {
  const turns = countTurns()
  let pages = 0
  for await (const _page of pagesOf(collection, { index: 'any', limit: 2 })) pages++
  assert.equal(pages, PAGES)
  assert.equal(turns.stop(), PAGES - 1)
})

test('the first documents of a list are there in however many pages they come', async () => {
  const first = async (limit: number) =>
    (await firstOf(collection, { index: 'any', limit })).map(({ id }) => id)
  assert.deepEqual(await first(5), ['1.1', '1.2', '2.1', '2.2', '3.1'])
  assert.deepEqual((await first(2)).length, 2)
  assert.equal((await first(100)).length, 2 * PAGES)
})
