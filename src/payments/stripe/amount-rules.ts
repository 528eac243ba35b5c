/**
 * What an amount is called at Stripe, where it differs from ISO 4217. Source: https://docs.stripe.com/currencies, "Zero-decimal
 * currencies", "Three-decimal currencies" and "Special cases". All others, HUF and TWD among them, are charged as ISO has them.
 */
interface Units {
  /** Stripe's number for one of our minor units. */
  factor: number
  /** Our amounts must be multiples of it. */
  step: number
}

/** No minor unit, but Stripe wants two decimals, which are always 00. */
const TWO_DECIMALS_OF_ZERO: Units = { factor: 100, step: 1 }
/** Hundredths in ISO 4217, of which Stripe knows none. */
const WHOLE: Units = { factor: 1 / 100, step: 100 }
/** Thousandths, of which the last digit must be 0. */
const THREE_DECIMALS: Units = { factor: 1, step: 10 }
const SAME: Units = { factor: 1, step: 1 }

const UNITS: Record<string, Units> = {
  ISK: TWO_DECIMALS_OF_ZERO,
  UGX: TWO_DECIMALS_OF_ZERO,
  MGA: WHOLE,
  BHD: THREE_DECIMALS,
  JOD: THREE_DECIMALS,
  KWD: THREE_DECIMALS,
  OMR: THREE_DECIMALS,
  TND: THREE_DECIMALS,
}

/** Not hundredths in ISO 4217, and Stripe does not say how it would count them. */
const NOT_CHARGED = new Set(['CLF', 'IQD', 'LYD', 'UYI', 'UYW'])

/** Stripe's number for an amount in minor units of ISO 4217; undefined when Stripe cannot charge exactly that. */
export function toStripe(amount: number, currency: string): number | undefined {
  if (NOT_CHARGED.has(currency)) return undefined
  const { factor, step } = unitsOf(currency)
  if (amount % step !== 0) return undefined
  return whole(factor < 1 ? amount / Math.round(1 / factor) : amount * factor)
}

/** Minor units of ISO 4217 for Stripe's number; undefined when that is no whole number of them. */
export function fromStripe(amount: number, currency: string): number | undefined {
  const { factor } = unitsOf(currency)
  return whole(factor < 1 ? amount * Math.round(1 / factor) : amount / factor)
}

function unitsOf(currency: string): Units {
  return Object.hasOwn(UNITS, currency) ? UNITS[currency]! : SAME
}

function whole(amount: number): number | undefined {
  return Number.isSafeInteger(amount) ? amount : undefined
}
