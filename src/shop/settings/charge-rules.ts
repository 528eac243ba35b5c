import { Refusal } from '../../kernel/errors.ts'
import { type Charges, type Rates, WHOLE_PPM } from './rates-schema.ts'

export interface Charged {
  /** Sum of the lines. */
  subtotal: number
  discount: number
  country: string
  currency: string
}

/**
 * total = subtotal - discount + shipping + tax. The tax is one product for the whole order, of goods and shipping together, and
 * is rounded once. Throws when the shop does not ship there, or when a sum leaves what can be counted exactly.
 */
export function chargesOf({ subtotal, discount, country, currency }: Charged, rates: Rates): Charges {
  const shipping = shippingTo(country, currency, rates)
  const tax_rate_ppm = rates.tax.countries[country] ?? rates.tax.elsewhere
  const taxed = exact(subtotal - discount + shipping)
  if (rates.tax.prices_include_tax) {
    const tax_included = taxWithin(taxed, tax_rate_ppm)
    return { shipping, tax: 0, tax_included, tax_rate_ppm, total: taxed }
  }
  const tax = taxOn(taxed, tax_rate_ppm)
  return { shipping, tax, tax_included: 0, tax_rate_ppm, total: exact(taxed + tax) }
}

function shippingTo(country: string, currency: string, { shipping }: Rates): number {
  const named = shipping.countries[country]
  const rate = named === undefined ? shipping.elsewhere : named
  if (rate === null) {
    throw new Refusal('unprocessable', 'not_shipped_there', `This shop does not ship to ${country}.`, {
      extra: { country },
    })
  }
  if (rate.currency !== currency) {
    throw new Refusal(
      'unprocessable',
      'currency_mismatch',
      `The rate of shipping to ${country} is in ${rate.currency}, this shop sells in ${currency}.`,
    )
  }
  return rate.amount
}

/** Tax on an amount without it, half a minor unit up. */
export function taxOn(amount: number, rate_ppm: number): number {
  return rounded(BigInt(amount) * BigInt(rate_ppm), BigInt(WHOLE_PPM))
}

/** Tax in an amount that contains it, half a minor unit up. */
export function taxWithin(amount: number, rate_ppm: number): number {
  return rounded(BigInt(amount) * BigInt(rate_ppm), BigInt(WHOLE_PPM + rate_ppm))
}

/** The nearest whole number to a fraction that is not negative; the half goes up. */
function rounded(numerator: bigint, denominator: bigint): number {
  return Number((2n * numerator + denominator) / (2n * denominator))
}

function exact(sum: number): number {
  if (Number.isSafeInteger(sum)) return sum
  throw new Refusal('unprocessable', 'amount_too_large', 'The sum is larger than can be counted exactly.')
}
