import { type Clock, timestamp } from '../../kernel/clock.ts'
import { isCountry } from '../../kernel/countries.ts'
import { isRefusal, Refusal } from '../../kernel/errors.ts'
import { newId } from '../../kernel/ids.ts'
import { insertOnce } from '../../storage/insert-once.ts'
import type { New, Storage } from '../../storage/storage.ts'
import { SettingsChanged } from './events-schema.ts'
import type { Rates, ShippingRates, TaxRates } from './rates-schema.ts'
import {
  SETTINGS,
  type Setting,
  type ShippingSetting,
  type ShippingView,
  type TaxSetting,
  type TaxView,
} from './schema.ts'
import { ratesOf, shippingView, taxView } from './view-rules.ts'

export { chargesOf } from './charge-rules.ts'

export interface SettingsOptions {
  storage: Pick<Storage, 'collection'>
  clock: Clock
  /** The shop's: rates are in no other. */
  currency: string
}

export interface SettingChange<Value> {
  value: Value
  actor: string
  /** From `If-Match`. */
  expected_version?: number
}

export type Settings = ReturnType<typeof createSettings>

const SHIPPING = 'shipping'
const TAX = 'tax'
const MAX_ATTEMPTS = 8

/** What staff set for the whole shop. Before they do, shipping is free everywhere and no tax is told. */
export function createSettings({ storage, clock, currency }: SettingsOptions) {
  const settings = storage.collection(SETTINGS)
  const FREE: ShippingRates = { countries: {}, elsewhere: { amount: 0, currency } }
  const UNTAXED: TaxRates = { prices_include_tax: true, countries: {}, elsewhere: 0 }

  const put = async <Value extends ShippingRates | TaxRates>(
    id: typeof SHIPPING | typeof TAX,
    { value, actor, expected_version }: SettingChange<Value>,
  ): Promise<Setting> => {
    for (let attempt = 1; ; attempt++) {
      const known = await settings.get(id)
      if (expected_version !== undefined && (known?.version ?? 0) !== expected_version)
        throw new Refusal('version_conflict', 'version_moved', 'The setting changed since it was read.')
      const now = clock.now()
      const at = timestamp(now)
      const event = SettingsChanged.draft({
        ...{ id: newId('evt', now), subject: `settings/${id}`, key: id, at: now, actor },
        data: { setting: id, [id]: value, ...(known && { before: { [id]: ratesOf(known) } }) },
      })
      try {
        if (known) return await settings.replace({ ...known, ...value, updated_at: at }, [event])
        const made = { id, ...value, created_at: at, updated_at: at } as New<Setting>
        return await insertOnce(settings, made, [event])
      } catch (error) {
        const moved = isRefusal(error, 'version_moved') || isRefusal(error, 'duplicate')
        if (!moved || expected_version !== undefined || attempt === MAX_ATTEMPTS) throw error
      }
    }
  }

  return {
    async shipping(): Promise<ShippingView> {
      return shippingView((await settings.get(SHIPPING)) as ShippingSetting | undefined, FREE)
    },
    async tax(): Promise<TaxView> {
      return taxView((await settings.get(TAX)) as TaxSetting | undefined, UNTAXED)
    },
    /** Throws for a country that does not exist and for another currency. */
    async setShipping(change: SettingChange<ShippingRates>): Promise<ShippingView> {
      const { countries, elsewhere } = change.value
      assertCountries(Object.keys(countries))
      const foreign = [...Object.values(countries), elsewhere].find(
        (rate) => rate && rate.currency !== currency,
      )
      if (foreign) throw new Refusal('unprocessable', 'currency_mismatch', `This shop sells in ${currency}.`)
      return shippingView((await put(SHIPPING, change)) as ShippingSetting, FREE)
    },
    /** Throws for a country that does not exist. */
    async setTax(change: SettingChange<TaxRates>): Promise<TaxView> {
      assertCountries(Object.keys(change.value.countries))
      return taxView((await put(TAX, change)) as TaxSetting, UNTAXED)
    },
    /** What is charged now, read from the storage. */
    async rates(): Promise<Rates> {
      const found = await settings.getMany([SHIPPING, TAX])
      const byId = new Map<string, Setting>(found.map((setting) => [setting.id, setting]))
      return {
        shipping: (byId.get(SHIPPING) as ShippingSetting | undefined) ?? FREE,
        tax: (byId.get(TAX) as TaxSetting | undefined) ?? UNTAXED,
      }
    },
  }
}

function assertCountries(codes: readonly string[]): void {
  const errors = codes
    .filter((code) => !isCountry(code))
    .map((code) => ({
      pointer: `/countries/${code}`,
      code: 'country',
      message: 'must be an ISO 3166-1 alpha-2 code',
    }))
  if (errors.length > 0)
    throw new Refusal('invalid', 'invalid_body', 'The body does not fit; `errors` names each fault.', {
      errors,
    })
}
