import { strict as assert } from 'node:assert'
import { test } from 'node:test'
import { pagesOf } from './list-all.ts'
import type { ListQuery, Page } from './storage.ts'

const PAGES = 5

test('a walk through a list gives others their turn between its pages', async () => {
  const collection = {
    async list({ after }: ListQuery): Promise<Page<never>> {
      const place = Number(after?.value ?? 0) + 1
      return { items: [], next: place < PAGES ? { value: place, id: '' } : null }
    },
  }
  let turns = 0
  const others = () => {
    turns++
    waiting = setImmediate(others)
  }
  let waiting = setImmediate(others)
  let pages = 0
  for await (const _page of pagesOf(collection, { index: 'any', limit: 1 })) pages++
  clearImmediate(waiting)

  assert.equal(pages, PAGES)
  assert.equal(turns, PAGES - 1)
})
