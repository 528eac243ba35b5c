import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isId, newId, placedId } from './ids.ts'

/** The first 14 characters behind the prefix hold the time and the counter. */
const placeIn = (id: string) => id.slice('prd_'.length).slice(0, 14)

test('ids of places are the same each time, ascend, and no two share time and counter', () => {
  const job = newId('job', Date.parse('2026-11-29T12:00:00Z'))
  const ids = Array.from({ length: 10_000 }, (_, place) => placedId('prd', job, place))
  assert.ok(ids.every((id) => isId(id, 'prd')))
  assert.deepEqual(ids.toSorted(), ids)
  assert.equal(new Set(ids.map(placeIn)).size, ids.length)
  assert.equal(placedId('prd', job, 7), ids[7])
  const later = newId('prd', Date.parse('2026-11-29T12:00:00.001Z'))
  assert.ok(ids[0]! < later && later < ids.at(-1)!)
  assert.notEqual(placedId('prd', newId('job', Date.parse('2026-11-29T12:00:00Z')), 7), ids[7])
})
