import { type Static, Type } from 'typebox'
import { Refusal } from './errors.ts'

export const MAX_AMOUNT = Number.MAX_SAFE_INTEGER

/** Whole minor units of an ISO 4217 currency: 1999 USD is 19.99 dollars. */
export const Money = Type.Object(
  {
    amount: Type.Integer({
      minimum: 0,
      maximum: MAX_AMOUNT,
      description: 'Whole minor units, such as cents',
    }),
    currency: Type.String({ pattern: '^[A-Z]{3}$', description: 'ISO 4217 code' }),
  },
  { additionalProperties: false },
)
export type Money = Static<typeof Money>

/** Adds amounts of one currency; throws when currencies differ or the sum leaves the safe integers. */
export function addMoney(a: Money, b: Money): Money {
  if (a.currency !== b.currency) {
    throw new Refusal(
      'unprocessable',
      'currency_mismatch',
      `${a.currency} and ${b.currency} cannot be added.`,
    )
  }
  return { amount: safe(a.amount + b.amount), currency: a.currency }
}

/** The price of `quantity` pieces. */
export function multiplyMoney(price: Money, quantity: number): Money {
  return { amount: safe(price.amount * quantity), currency: price.currency }
}

function safe(amount: number): number {
  if (!Number.isSafeInteger(amount)) {
    throw new Refusal('unprocessable', 'amount_too_large', 'The sum is larger than can be counted exactly.')
  }
  return amount
}
