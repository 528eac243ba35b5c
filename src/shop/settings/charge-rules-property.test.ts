import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { isRefusal } from '../../kernel/errors.ts'
import { MAX_AMOUNT } from '../../kernel/money.ts'
import { chargesOf, taxOn, taxWithin } from './charge-rules.ts'
import { type Charges, WHOLE_PPM } from './rates-schema.ts'

const WHOLE = BigInt(WHOLE_PPM)
/** Sums of every size alike: a fair choice among all numbers has no small ones. */
const amount = fc.oneof(fc.nat(100), fc.nat(10_000_000), fc.nat({ max: MAX_AMOUNT }))
const rate = fc.nat(WHOLE_PPM)
const order = fc.record({
  subtotal: amount,
  shipping: amount,
  discount: amount,
  rate,
  included: fc.boolean(),
})

type Wanted = typeof order extends fc.Arbitrary<infer Value> ? Value : never

/** Undefined where the sum is refused as too large. */
function charge({ subtotal, shipping, discount, rate, included }: Wanted): Charges | undefined {
  const rates = {
    shipping: { countries: {}, elsewhere: { amount: shipping, currency: 'USD' } },
    tax: { prices_include_tax: included, countries: { GB: rate }, elsewhere: 0 },
  }
  try {
    const less = Math.min(discount, subtotal)
    return chargesOf({ subtotal, discount: less, country: 'GB', currency: 'USD' }, rates)
  } catch (error) {
    if (isRefusal(error, 'amount_too_large')) return undefined
    throw error
  }
}

test('whatever an order costs, its parts are whole numbers that add up, or it is refused as too large', () => {
  fc.assert(
    fc.property(order, (wanted) => {
      const { subtotal, shipping, discount, rate, included } = wanted
      const charged = charge(wanted)
      const taxed = BigInt(subtotal) - BigInt(Math.min(discount, subtotal)) + BigInt(shipping)
      const most = included ? taxed : (taxed * (WHOLE + BigInt(rate))) / WHOLE + 1n
      if (!charged) return assert.ok(most > BigInt(MAX_AMOUNT), 'a sum that can be counted was refused')
      for (const part of Object.values(charged)) assert.ok(Number.isSafeInteger(part) && part >= 0)
      assert.equal(BigInt(charged.total), taxed + BigInt(charged.tax))
      assert.ok(BigInt(charged.tax_included) <= taxed)
    }),
  )
})

test('whatever the amount and the rate, the tax is the nearest whole number, and more is never taxed less', () => {
  fc.assert(
    fc.property(amount, amount, rate, (one, other, ppm) => {
      const off = 2n * (BigInt(taxOn(one, ppm)) * WHOLE - BigInt(one) * BigInt(ppm))
      assert.ok(off > -WHOLE && off <= WHOLE, `off by ${off} of two million`)
      const [less, more] = [Math.min(one, other), Math.max(one, other)]
      assert.ok(taxOn(less, ppm) <= taxOn(more, ppm))
      assert.ok(taxWithin(less, ppm) <= taxWithin(more, ppm))
    }),
  )
})

test('whatever the net amount, the tax put on it is the tax that is then in it', () => {
  fc.assert(
    fc.property(fc.nat(1_000_000_000), rate, (net, ppm) => {
      const tax = taxOn(net, ppm)
      assert.ok(Math.abs(taxWithin(net + tax, ppm) - tax) <= 1)
    }),
  )
})
