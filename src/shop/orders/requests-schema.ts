import { type Static, Type } from 'typebox'
import { Money } from '../../kernel/money.ts'
import { Address } from './address-schema.ts'
import { MAX_LINE_QUANTITY, MAX_NOTE_LENGTH, MAX_ORDER_LINES, PAYMENT_METHODS } from './schema.ts'
import { ORDER_STATUSES } from './status-schema.ts'

const closed = { additionalProperties: false } as const

const Note = Type.String({ minLength: 1, maxLength: MAX_NOTE_LENGTH })
const SavedAddressId = { minLength: 1, maxLength: 64 }
const VisitId = Type.String({
  minLength: 1,
  maxLength: 64,
  pattern: '^[A-Za-z0-9_.:-]+$',
  description: 'Letters, digits and _ . : -',
})

export const NewOrderItem = Type.Object(
  {
    product_id: Type.String({ minLength: 1, maxLength: 64 }),
    sku: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
    quantity: Type.Integer({ minimum: 1, maximum: MAX_LINE_QUANTITY }),
  },
  closed,
)

export const NewOrder = Type.Object(
  {
    items: Type.Optional(
      Type.Array(NewOrderItem, {
        minItems: 1,
        maxItems: MAX_ORDER_LINES,
        description: 'Without it the cart is ordered and emptied',
      }),
    ),
    shipping_address: Type.Optional(Address),
    shipping_address_id: Type.Optional(
      Type.String({
        ...SavedAddressId,
        description: 'One of the own addresses, instead of `shipping_address`',
      }),
    ),
    billing_address: Type.Optional(Address),
    billing_address_id: Type.Optional(
      Type.String({
        ...SavedAddressId,
        description: 'One of the own addresses, instead of `billing_address`',
      }),
    ),
    payment_method: Type.Enum([...PAYMENT_METHODS]),
    note: Type.Optional(Note),
    expected_total: Type.Optional(
      Type.Object(Money.properties, {
        ...closed,
        description: 'What the customer was shown; when the total differs, nothing is ordered',
      }),
    ),
    session_id: Type.Optional(
      Type.String({ ...VisitId, description: 'The visit, as the storefront counts it' }),
    ),
    anonymous_id: Type.Optional(
      Type.String({ ...VisitId, description: 'The visitor, as in the clickstream' }),
    ),
  },
  closed,
)
export type NewOrder = Static<typeof NewOrder>

/** An order whose saved addresses were looked up. */
export type AddressedOrder = Omit<NewOrder, 'shipping_address'> & { shipping_address: Address }

export const OrderChange = Type.Object(
  {
    status: Type.Optional(Type.Enum([...ORDER_STATUSES])),
    note: Type.Optional(Type.String({ ...Note, description: 'For staff only' })),
    tracking: Type.Optional(
      Type.Object(
        {
          carrier: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
          number: Type.String({ minLength: 1, maxLength: 100 }),
          url: Type.Optional(
            Type.String({ maxLength: 500, pattern: '^https://[^\\s]+$', description: 'As https://…' }),
          ),
        },
        closed,
      ),
    ),
  },
  { ...closed, minProperties: 1 },
)
export type OrderChange = Static<typeof OrderChange>

export const OrderCancel = Type.Object({ note: Type.Optional(Note) }, closed)
export type OrderCancel = Static<typeof OrderCancel>
