import { type Static, Type } from 'typebox'
import type { CollectionDefinition, Stored } from '../../storage/storage.ts'
import { ShippingRates, TaxRates } from './rates-schema.ts'

export { EVENTS } from './events-schema.ts'
export type { Charges, Rates } from './rates-schema.ts'

const closed = { additionalProperties: false } as const

const settingView = {
  version: Type.Integer({ description: '0 before anybody set it' }),
  updated_at: Type.Union([Type.String({ format: 'date-time' }), Type.Null()]),
}
export const ShippingView = Type.Object({ ...settingView, ...ShippingRates.properties }, closed)
export type ShippingView = Static<typeof ShippingView>
export const TaxView = Type.Object({ ...settingView, ...TaxRates.properties }, closed)
export type TaxView = Static<typeof TaxView>

export interface ShippingSetting extends Stored, ShippingRates {}
export interface TaxSetting extends Stored, TaxRates {}
export type Setting = ShippingSetting | TaxSetting

/** One document for each thing that staff set, under its name. */
export const SETTINGS: CollectionDefinition<Setting> = { name: 'settings', indexes: {} }
