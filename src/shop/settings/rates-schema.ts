import { type Static, Type } from 'typebox'
import { Money } from '../../kernel/money.ts'

/** Tax rates are whole millionths, so that 8.875 % is a number without a fraction: 88,750. */
export const WHOLE_PPM = 1_000_000

const closed = { additionalProperties: false } as const
const COUNTRY = '^[A-Z]{2}$'
const byCountry = (what: string) => ({ description: `${what} by country, ISO 3166-1 alpha-2` })

const ShippingRate = Type.Union([Money, Type.Null()], {
  description: 'Flat, for a whole order; null: not shipped there',
})
const TaxRate = Type.Integer({ minimum: 0, maximum: WHOLE_PPM, description: 'Millionths: 190000 is 19 %' })

export const ShippingRates = Type.Object(
  {
    countries: Type.Record(Type.String({ pattern: COUNTRY }), ShippingRate, byCountry('Rates')),
    elsewhere: ShippingRate,
  },
  closed,
)
export type ShippingRates = Static<typeof ShippingRates>

export const TaxRates = Type.Object(
  {
    prices_include_tax: Type.Boolean({
      description: 'true: prices and rates of shipping contain the tax; false: it is added to them',
    }),
    countries: Type.Record(Type.String({ pattern: COUNTRY }), TaxRate, byCountry('Rates')),
    elsewhere: TaxRate,
  },
  closed,
)
export type TaxRates = Static<typeof TaxRates>

/** What is charged beside the goods. */
export interface Rates {
  shipping: ShippingRates
  tax: TaxRates
}

/** What is charged, in minor units of the shop's currency. */
export interface Charges {
  shipping: number
  /** Added to the goods and the shipping; 0 where prices contain it. */
  tax: number
  /** Contained in the goods and the shipping; 0 where it is added. */
  tax_included: number
  /** Millionths. */
  tax_rate_ppm: number
  total: number
}
