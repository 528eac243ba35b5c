import { type Static, Type } from 'typebox'
import { Money } from '../../kernel/money.ts'
import { Address } from './address-schema.ts'
import { LedgerEntry, PaymentView } from './payment-schema.ts'
import { RefundView } from './refund-schema.ts'
import { ReturnView } from './return-requests-schema.ts'
import { PAYMENT_METHODS, PAYMENT_STATUSES } from './schema.ts'
import { ORDER_STATUSES } from './status-schema.ts'

const closed = { additionalProperties: false } as const
const Status = Type.Enum([...ORDER_STATUSES])
const Nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()])

export const OrderItem = Type.Object(
  {
    product_id: Type.String(),
    sku: Type.String(),
    name: Type.String(),
    options: Type.Record(Type.String(), Type.String()),
    quantity: Type.Integer(),
    unit_price: Money,
    line_total: Money,
  },
  closed,
)
export type OrderItem = Static<typeof OrderItem>

export const OrderHistoryEntry = Type.Object(
  {
    from: Nullable(Status),
    to: Status,
    at: Type.String({ format: 'date-time' }),
    by: Type.String({ description: 'Id of the customer; for customers `staff` stands for all of them' }),
    note: Nullable(Type.String()),
  },
  closed,
)

export const OrderView = Type.Object(
  {
    id: Type.String(),
    version: Type.Integer(),
    created_at: Type.String({ format: 'date-time' }),
    updated_at: Type.String({ format: 'date-time' }),
    number: Type.String({ description: 'Short, for people' }),
    external_id: Type.Union([Type.String(), Type.Null()], {
      description: 'In the shop that it was imported from',
    }),
    user_id: Type.String(),
    status: Status,
    payment_status: Type.Enum([...PAYMENT_STATUSES]),
    payment_method: Type.Enum([...PAYMENT_METHODS]),
    items: Type.Array(OrderItem),
    subtotal: Money,
    shipping: Money,
    tax: Type.Object(Money.properties, { ...closed, description: 'Added to the prices' }),
    tax_included: Type.Object(Money.properties, { ...closed, description: 'Contained in the prices' }),
    tax_rate_ppm: Type.Integer({ description: 'Millionths: 190000 is 19 %' }),
    discount: Money,
    total: Money,
    shipping_address: Nullable(Address),
    billing_address: Nullable(Address),
    note: Nullable(Type.String()),
    tracking: Nullable(
      Type.Object(
        {
          carrier: Nullable(Type.String()),
          number: Type.String(),
          url: Nullable(Type.String()),
        },
        closed,
      ),
    ),
    expires_at: Type.Union([Type.String({ format: 'date-time' }), Type.Null()], {
      description: 'Until when it waits for a payment by card',
    }),
    payments: Type.Array(PaymentView),
    refunds: Type.Array(RefundView),
    returns: Type.Array(ReturnView),
    ledger: Type.Array(LedgerEntry, { description: 'Money taken and given back' }),
    history: Type.Array(OrderHistoryEntry),
    allowed_transitions: Type.Array(Status, { description: 'What staff may do; customers may cancel' }),
  },
  closed,
)
export type OrderView = Static<typeof OrderView>

export const OrderPage = Type.Object(
  {
    items: Type.Array(OrderView),
    next_cursor: Nullable(Type.String()),
    total: Type.Optional(Type.Object({ value: Type.Integer(), relation: Type.Enum(['eq', 'gte']) }, closed)),
  },
  closed,
)
export type OrderPage = Static<typeof OrderPage>
