import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { isRefusal } from './errors.ts'
import { addMoney, MAX_AMOUNT, type Money, multiplyMoney } from './money.ts'

/** Sums of every size alike: a fair choice among all numbers has no small ones. */
const amount = fc.oneof(fc.nat(100), fc.nat(10_000_000), fc.nat({ max: MAX_AMOUNT }))
const usd = amount.map((minor) => ({ amount: minor, currency: 'USD' }))

/** Undefined where the sum is refused as too large. */
function counted(sum: () => Money): Money | undefined {
  try {
    return sum()
  } catch (error) {
    if (isRefusal(error, 'amount_too_large')) return undefined
    throw error
  }
}

function assertExact(found: Money | undefined, exact: bigint): void {
  if (exact > BigInt(MAX_AMOUNT)) assert.equal(found, undefined, 'it cannot be counted')
  else assert.deepEqual(found && [BigInt(found.amount), found.currency], [exact, 'USD'])
}

test('whatever is added, no minor unit is lost: the sum is exact or refused as too large', () => {
  fc.assert(
    fc.property(fc.array(usd, { minLength: 1, maxLength: 20 }), (all) => {
      const exact = all.reduce((sum, one) => sum + BigInt(one.amount), 0n)
      assertExact(
        counted(() => all.reduce(addMoney)),
        exact,
      )
      assertExact(
        counted(() => all.toReversed().reduce(addMoney)),
        exact,
      )
    }),
  )
})

test('whatever a piece costs, the price of many is that of one after the other', () => {
  fc.assert(
    fc.property(usd, fc.nat(100_000), (price, quantity) => {
      assertExact(
        counted(() => multiplyMoney(price, quantity)),
        BigInt(price.amount) * BigInt(quantity),
      )
    }),
  )
})

test('money of two currencies is never added', () => {
  const code = fc.stringMatching(/^[A-Z]{3}$/).filter((currency) => currency !== 'USD')
  fc.assert(
    fc.property(usd, amount, code, (one, other, currency) => {
      assert.throws(
        () => addMoney(one, { amount: other, currency }),
        (error) => isRefusal(error, 'currency_mismatch'),
      )
    }),
  )
})
