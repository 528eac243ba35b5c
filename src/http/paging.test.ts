import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeCursor, encodeCursor } from './paging.ts'

const CONTEXT = { route: 'products', sort: 'price' }

test('a cursor goes back to the place it was made of, and belongs to its query', () => {
  const place = { value: 100, id: 'prd_1' }
  const cursor = encodeCursor(place, CONTEXT)!
  assert.deepEqual(decodeCursor(cursor, CONTEXT), place)
  assert.throws(() => decodeCursor(cursor, { ...CONTEXT, sort: 'name' }), { code: 'bad_cursor' })
  assert.equal(decodeCursor(undefined, CONTEXT), undefined)
})

test('a cursor that somebody wrote himself brings no condition into a query', () => {
  const forged: unknown[] = [
    { value: { $gt: '' }, id: 'x' },
    { value: 1, id: ['x'] },
    { value: null, id: 'x' },
    'x',
  ]
  for (const place of forged) {
    assert.throws(() => decodeCursor(encodeCursor(place as object, CONTEXT)!, CONTEXT), {
      code: 'bad_cursor',
    })
  }
})
