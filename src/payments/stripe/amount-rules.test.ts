import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fromStripe, toStripe } from './amount-rules.ts'

test("Stripe's number for an amount is that of its own units", () => {
  const cases: [amount: number, currency: string, stripes: number | undefined][] = [
    [1_999, 'USD', 1_999],
    [500, 'JPY', 500],
    [5, 'ISK', 500],
    [5, 'UGX', 500],
    [1_045, 'HUF', 1_045],
    [80_045, 'TWD', 80_045],
    [5_120, 'KWD', 5_120],
    [5_124, 'KWD', undefined],
    [1_230, 'TND', 1_230],
    [1_500, 'MGA', 15],
    [1_501, 'MGA', undefined],
    [1_000, 'IQD', undefined],
    [Number.MAX_SAFE_INTEGER, 'ISK', undefined],
  ]
  for (const [amount, currency, stripes] of cases) {
    assert.equal(toStripe(amount, currency), stripes, `${amount} ${currency}`)
    if (stripes !== undefined) assert.equal(fromStripe(stripes, currency), amount, `${stripes} ${currency}`)
  }
})

test("a number of Stripe's that is no whole amount is none", () => {
  assert.equal(fromStripe(550, 'ISK'), undefined)
  assert.equal(fromStripe(Number.MAX_SAFE_INTEGER, 'MGA'), undefined)
  assert.equal(toStripe(100, 'toString'), 100, 'what is no currency is for Stripe to refuse')
})
