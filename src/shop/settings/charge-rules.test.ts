import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isRefusal } from '../../kernel/errors.ts'
import { chargesOf, taxOn, taxWithin } from './charge-rules.ts'
import type { Rates } from './rates-schema.ts'

const gbp = (amount: number) => ({ amount, currency: 'GBP' })
const RATES: Rates = {
  shipping: { countries: { GB: gbp(499), IE: gbp(899), RU: null }, elsewhere: gbp(1_500) },
  tax: { prices_include_tax: false, countries: { GB: 200_000 }, elsewhere: 0 },
}
const INCLUSIVE: Rates = { ...RATES, tax: { ...RATES.tax, prices_include_tax: true } }
const order = (country: string, subtotal = 10_000) => ({ subtotal, discount: 0, country, currency: 'GBP' })

test('tax is added to goods and shipping, or said to be in them', () => {
  assert.deepEqual(chargesOf(order('GB'), RATES), {
    ...{ shipping: 499, tax: 2_100, tax_included: 0, tax_rate_ppm: 200_000, total: 12_599 },
  })
  assert.deepEqual(chargesOf(order('GB'), INCLUSIVE), {
    ...{ shipping: 499, tax: 0, tax_included: 1_750, tax_rate_ppm: 200_000, total: 10_499 },
  })
  assert.deepEqual(chargesOf({ ...order('FR'), discount: 1_000 }, RATES), {
    ...{ shipping: 1_500, tax: 0, tax_included: 0, tax_rate_ppm: 0, total: 10_500 },
  })
})

test('half a minor unit goes up, once for the whole order', () => {
  assert.equal(taxOn(2, 250_000), 1)
  assert.equal(taxOn(1, 499_999), 0)
  assert.equal(taxOn(1_000, 88_750), 89)
  assert.equal(taxWithin(107, 70_000), 7)
  assert.equal(taxWithin(1, 1_000_000), 1)
  assert.equal(taxWithin(119, 190_000), 19)
})

test('the tax of the largest amounts is exact', () => {
  const amount = 9_007_199_254_740_000
  assert.equal(taxOn(amount, 190_000), 1_711_367_858_400_600)
  assert.equal(taxWithin(amount, 0), 0)
})

test('no country that the shop does not ship to, no other currency, no sum that cannot be counted', () => {
  const refuses = (code: string, action: () => unknown) =>
    assert.throws(action, (error) => isRefusal(error, code))
  refuses('not_shipped_there', () => chargesOf(order('RU'), RATES))
  refuses('currency_mismatch', () => chargesOf({ ...order('GB'), currency: 'USD' }, RATES))
  refuses('amount_too_large', () => chargesOf(order('GB', Number.MAX_SAFE_INTEGER), RATES))
})
