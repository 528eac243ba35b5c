import { Type } from 'typebox'
import { defineEvent } from '../../kernel/event-type.ts'
import { ShippingRates, TaxRates } from './rates-schema.ts'

const closed = { additionalProperties: false } as const

export const SettingsChanged = defineEvent(
  'settings_changed',
  'ecommerce-operations',
  Type.Object(
    {
      setting: Type.Enum(['shipping', 'tax']),
      shipping: Type.Optional(ShippingRates),
      tax: Type.Optional(TaxRates),
      before: Type.Optional(
        Type.Object({ shipping: Type.Optional(ShippingRates), tax: Type.Optional(TaxRates) }, closed),
      ),
    },
    closed,
  ),
)

export const EVENTS = [SettingsChanged]
