import { type Static, Type } from 'typebox'
import { MAX_AMOUNT } from '../../kernel/money.ts'
import { Address } from './address-schema.ts'
import { MAX_LINE_QUANTITY, MAX_NOTE_LENGTH, MAX_ORDER_LINES } from './schema.ts'
import { ORDER_STATUSES } from './status-schema.ts'

export type { ApplyBy, ExportKind, ImportKind } from '../jobs/schema.ts'

export const MAX_EXTERNAL_ID_LENGTH = 100

const closed = { additionalProperties: false } as const
const Amount = Type.Integer({ minimum: 0, maximum: MAX_AMOUNT, description: 'Minor units' })
const Time = Type.String({ format: 'date-time' })

/** An order of another shop. Amounts are minor units of its currency. */
export const OrderRow = Type.Object(
  {
    external_id: Type.String({
      minLength: 1,
      maxLength: MAX_EXTERNAL_ID_LENGTH,
      pattern: '^[\\x21-\\x7e]+$',
      description: 'Id in the other shop, printable ASCII without spaces: an order with it is imported once',
    }),
    email: Type.Optional(
      Type.String({
        maxLength: 254,
        description: 'Of an account of this shop; absent: the order is nobody’s',
      }),
    ),
    placed_at: Time,
    delivered_at: Type.Optional(Time),
    currency: Type.String({ pattern: '^[A-Z]{3}$', description: 'ISO 4217 code' }),
    items: Type.Array(
      Type.Object(
        {
          sku: Type.String({ minLength: 1, maxLength: 64 }),
          name: Type.String({ minLength: 1, maxLength: 200 }),
          quantity: Type.Integer({ minimum: 1, maximum: MAX_LINE_QUANTITY }),
          unit_price: Amount,
        },
        closed,
      ),
      { minItems: 1, maxItems: MAX_ORDER_LINES },
    ),
    shipping: Type.Optional(Amount),
    tax: Type.Optional(Type.Integer({ ...Amount, description: 'Added to the prices' })),
    discount: Type.Optional(Amount),
    total: Type.Optional(Type.Integer({ ...Amount, description: 'Held against the sum of the others' })),
    shipping_address: Type.Optional(Address),
    note: Type.Optional(Type.String({ minLength: 1, maxLength: MAX_NOTE_LENGTH })),
  },
  closed,
)
export type OrderRow = Static<typeof OrderRow>

export const OrderExportQuery = Type.Object(
  {
    status: Type.Optional(Type.Enum([...ORDER_STATUSES])),
    from: Type.Optional(Type.String({ format: 'date-time', description: 'Made at or after' })),
    to: Type.Optional(Type.String({ format: 'date-time', description: 'Made before' })),
  },
  closed,
)
export type OrderExportQuery = Static<typeof OrderExportQuery>
