import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NOTES, note } from '../../../test/contracts/storage-fixtures.ts'
import { openTestStorage } from '../../../test/support/storage.ts'

const MINE = { index: 'by_owner', equal: ['usr_1'] }

test('a page of long documents is shorter than asked for', async (t) => {
  const { storage } = await openTestStorage(t, [NOTES])
  const notes = storage.collection(NOTES)
  await notes.insertMany(Array.from({ length: 10 }, (_, rank) => note({ rank, state: 'x'.repeat(500_000) })))
  const { items, next } = await notes.list({ ...MINE, limit: 10 })
  assert.equal(items.length, 4)
  assert.ok(next)
})

test('a filter that fits little lets other reads pass', async (t) => {
  const { storage } = await openTestStorage(t, [NOTES])
  const notes = storage.collection(NOTES)
  await notes.insertMany(Array.from({ length: 15_000 }, (_, rank) => note({ rank })))
  const answers: string[] = []
  await Promise.all([
    notes.list({ ...MINE, where: { state: 'rare' }, limit: 5 }).then(() => answers.push('rare')),
    notes.count({ ...MINE, where: { state: 'rarer' } }).then(() => answers.push('rarer')),
    notes.count(MINE).then(() => answers.push('all')),
  ])
  assert.deepEqual(answers, ['all', 'rare', 'rarer'])
})
