import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isRefusal } from '../../kernel/errors.ts'
import type { SellableAnswer } from '../catalog/schema.ts'
import { assertExpected, assertOrderable, pricedLines } from './placing-rules.ts'
import type { NewOrder } from './requests-schema.ts'

const ADDRESS = { name: 'Ann', line1: 'High Street 1', city: 'Leeds', postal_code: 'LS1', country: 'GB' }
const REQUEST: NewOrder = { shipping_address: ADDRESS, payment_method: 'cash_on_delivery' }

function sold(sku: string, amount: number, currency = 'USD'): SellableAnswer {
  const price = { amount, currency }
  return {
    ok: true,
    sellable: {
      product_id: 'prd_1',
      sku,
      slug: sku,
      name: sku,
      image: null,
      options: {},
      price,
      product_version: 3,
    },
  }
}

const want = (sku: string, quantity: number) => ({ product_id: 'prd_1', sku, quantity })

function refuses(code: string, action: () => unknown): void {
  assert.throws(action, (error) => isRefusal(error, code))
}

test('the same SKU twice becomes one line with the sum', () => {
  const lines = pricedLines(
    [want('A', 2), want('B', 1), want('A', 3)],
    [sold('A', 100), sold('B', 5), sold('A', 100)],
    'USD',
  )
  assert.deepEqual(
    lines.map(({ sku, quantity, line_total }) => [sku, quantity, line_total]),
    [
      ['A', 5, 500],
      ['B', 1, 5],
    ],
  )
})

test('what is free, gone, ambiguous or in another currency is not sold', () => {
  refuses('product_not_for_sale', () => pricedLines([want('A', 1)], [sold('A', 0)], 'USD'))
  refuses('product_not_for_sale', () => pricedLines([want('A', 1)], [{ ok: false, reason: 'gone' }], 'USD'))
  refuses('sku_required', () => pricedLines([want('A', 1)], [{ ok: false, reason: 'sku_required' }], 'USD'))
  refuses('currency_mismatch', () => pricedLines([want('A', 1)], [sold('A', 1, 'EUR')], 'USD'))
})

test('sums that cannot be counted exactly are refused', () => {
  refuses('amount_too_large', () => pricedLines([want('A', 2)], [sold('A', Number.MAX_SAFE_INTEGER)], 'USD'))
  refuses('line_full', () =>
    pricedLines([want('A', 99_999), want('A', 2)], [sold('A', 1), sold('A', 1)], 'USD'),
  )
})

test('another total than expected is told with the new lines and charges', () => {
  const lines = pricedLines([want('A', 2)], [sold('A', 150)], 'USD')
  const charges = { shipping: 50, tax: 30, tax_included: 0, tax_rate_ppm: 85_714, total: 380 }
  assertExpected(undefined, { lines, charges }, 'USD')
  assertExpected({ amount: 380, currency: 'USD' }, { lines, charges }, 'USD')
  assert.throws(
    () => assertExpected({ amount: 300, currency: 'USD' }, { lines, charges }, 'USD'),
    (error) => {
      assert.ok(isRefusal(error, 'price_changed'))
      const { subtotal, shipping, tax, total } = error.details.extra as Record<string, { amount: number }>
      assert.deepEqual(
        [subtotal, shipping, tax, total].map((money) => money?.amount),
        [300, 50, 30, 380],
      )
      return true
    },
  )
})

const CASH_ONLY = { currency: 'USD', cards: false }

test('cards, other currencies and countries that do not exist are refused', () => {
  assertOrderable(REQUEST, CASH_ONLY)
  refuses('payment_method_unavailable', () =>
    assertOrderable({ ...REQUEST, payment_method: 'card' }, CASH_ONLY),
  )
  const expected_total = { amount: 1, currency: 'EUR' }
  refuses('currency_mismatch', () => assertOrderable({ ...REQUEST, expected_total }, CASH_ONLY))
  const shipping_address = { ...ADDRESS, country: 'ZZ' }
  refuses('invalid_body', () => assertOrderable({ ...REQUEST, shipping_address }, CASH_ONLY))
})
