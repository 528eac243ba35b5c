import { Type } from 'typebox'
import { defineEvent } from '../../kernel/event-type.ts'
import { Money } from '../../kernel/money.ts'
import { RETURN_STATES } from './return-schema.ts'
import { ORDER_STATUSES } from './status-schema.ts'

const closed = { additionalProperties: false } as const
const Status = Type.Enum([...ORDER_STATUSES])
const PaymentStatus = Type.String()

/** Ids, country and figures only: no name, street, phone or free text of a person. */
const orderState = {
  order_id: Type.String(),
  user_id: Type.String(),
  /** When the order was made: the day that its revenue belongs to, whatever happens later. */
  created_at: Type.String(),
  status: Status,
  payment_status: PaymentStatus,
  total: Money,
}

const orderChange = {
  ...orderState,
  /** The status before this change, so that figures can move the order from there. */
  status_before: Status,
  changed: Type.Array(Type.String()),
}

export const OrderCreated = defineEvent(
  'order_created',
  'ecommerce-orders',
  Type.Object(
    {
      ...orderState,
      payment_method: Type.String(),
      subtotal: Money,
      shipping: Money,
      tax: Money,
      tax_included: Type.Optional(Money),
      discount: Money,
      country: Type.String(),
      /** Pieces. */
      item_count: Type.Integer(),
      lines: Type.Array(
        Type.Object(
          {
            product_id: Type.String(),
            sku: Type.String(),
            quantity: Type.Integer(),
            unit_price: Type.Integer(),
            line_total: Type.Integer(),
            product_version: Type.Integer(),
          },
          closed,
        ),
      ),
      /** Of another shop: it happened at `created_at`, and nobody waits to hear of it. */
      imported: Type.Optional(Type.Boolean()),
      session_id: Type.Optional(Type.String()),
      anonymous_id: Type.Optional(Type.String()),
    },
    closed,
  ),
)

/** The return that a change is about; its pieces are in the `stock_changed` events that name it as their ref. */
const aboutReturn = {
  return: Type.Optional(Type.Object({ id: Type.String(), state: Type.Enum([...RETURN_STATES]) }, closed)),
}

export const OrderUpdated = defineEvent(
  'order_updated',
  'ecommerce-orders',
  Type.Object({ ...orderChange, ...aboutReturn }, closed),
)

export const OrderCancelled = defineEvent(
  'order_cancelled',
  'ecommerce-orders',
  Type.Object({ ...orderChange, reason: Type.String() }, closed),
)

export const OrderReturned = defineEvent(
  'order_returned',
  'ecommerce-orders',
  Type.Object({ ...orderChange, ...aboutReturn }, closed),
)

const paymentState = {
  order_id: Type.String(),
  user_id: Type.String(),
  provider: Type.String(),
  method: Type.String(),
  amount: Money,
}

/** The money is held; it is taken right after. */
export const PaymentSuccess = defineEvent(
  'payment_success',
  'ecommerce-payments',
  Type.Object(paymentState, closed),
)

export const PaymentFailed = defineEvent(
  'payment_failed',
  'ecommerce-payments',
  Type.Object({ ...paymentState, code: Type.String() }, closed),
)

export const PaymentRefunded = defineEvent(
  'payment_refunded',
  'ecommerce-payments',
  Type.Object({ ...paymentState, reason: Type.String() }, closed),
)

/** A refund that was told has failed since: its money is still here. */
export const PaymentRefundFailed = defineEvent(
  'payment_refund_failed',
  'ecommerce-payments',
  Type.Object(paymentState, closed),
)

export const EVENTS = [
  OrderCreated,
  OrderUpdated,
  OrderCancelled,
  OrderReturned,
  PaymentSuccess,
  PaymentFailed,
  PaymentRefunded,
  PaymentRefundFailed,
]
