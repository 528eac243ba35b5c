import assert from 'node:assert/strict'
import { test } from 'node:test'
import { displayName } from './name-rules.ts'
import { emptied, inStatus, statusOfText } from './rules.ts'
import type { Review } from './schema.ts'

const at = '2026-01-01T00:00:00.000Z'
const REVIEW: Review = {
  ...{ id: 'rev_1', version: 1, created_at: at, updated_at: at, product_id: 'prd_1', user_id: 'usr_1' },
  ...{ author: 'Ann A.', rating: 4, title: 'Bright', body: 'Lights the porch.', verified_purchase: true },
  ...{ status: 'approved', edition: 1, helpful_count: 3 },
}

test('a name is shown by its first word and an initial, an address never', () => {
  const shown = {
    'Ann Mary Arbor': 'Ann A.',
    ' Ann  ': 'Ann',
    'ann van der élan': 'ann É.',
    'ann@example.com': 'ann',
    'Ann ann@example.com': 'Ann A.',
    '@example.com': 'A customer',
    '': 'A customer',
    '李 小龙': '李 小.',
    'Ann 😀': 'Ann 😀.',
  }
  for (const [name, expected] of Object.entries(shown)) assert.equal(displayName(name), expected, name)
  assert.equal(displayName(undefined), 'A customer')
})

test('a human looks first, unless it was bought and nothing of the author was rejected here', () => {
  assert.equal(statusOfText({ verified_purchase: true }), 'approved')
  assert.equal(statusOfText({ verified_purchase: false }), 'pending')
  assert.equal(statusOfText({ verified_purchase: true, held: true }), 'pending')
})

test('of a deleted review neither person nor text is left, and it has no second life', () => {
  const rejected: Review = { ...REVIEW, moderation: { at, by: 'usr_2', reason: 'Rude' } }
  const left = emptied(rejected)
  assert.doesNotMatch(JSON.stringify(left), /usr_|Ann|Bright|porch|Rude/)
  assert.equal(emptied({ ...rejected, held: true }).held_for, 'usr_1')
  assert.throws(() => inStatus(left, 'approved'), /does not become approved/)
})
