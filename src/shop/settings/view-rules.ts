import type { ShippingRates, TaxRates } from './rates-schema.ts'
import type { Setting, ShippingSetting, ShippingView, TaxSetting, TaxView } from './schema.ts'

/** Rates of shipping as staff see them. */
export function shippingView(known: ShippingSetting | undefined, otherwise: ShippingRates): ShippingView {
  const { countries, elsewhere } = known ?? otherwise
  return { version: known?.version ?? 0, updated_at: known?.updated_at ?? null, countries, elsewhere }
}

/** Rates of tax as staff see them. */
export function taxView(known: TaxSetting | undefined, otherwise: TaxRates): TaxView {
  const { prices_include_tax, countries, elsewhere } = known ?? otherwise
  return {
    ...{ version: known?.version ?? 0, updated_at: known?.updated_at ?? null },
    ...{ prices_include_tax, countries, elsewhere },
  }
}

/** What was set, without what the storage keeps beside it. */
export function ratesOf(setting: Setting): ShippingRates | TaxRates {
  const { id: _, version: __, sequences: ___, created_at: ____, updated_at: _____, ...rates } = setting
  return rates
}
