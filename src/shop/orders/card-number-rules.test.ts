import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isCardNumber } from './card-number-rules.ts'

test('numbers of cards are known by their length and check digit, names of methods are none', () => {
  for (const number of ['4242424242424242', '4242-4242-4242-4242', '378282246310005', '6304000000000000'])
    assert.ok(isCardNumber(number), number)
  for (const text of [
    '4242424242424241',
    '4242',
    'tok_success',
    'pm_4242424242424242',
    '',
    '-',
    '0'.repeat(20),
  ])
    assert.ok(!isCardNumber(text), text)
})
