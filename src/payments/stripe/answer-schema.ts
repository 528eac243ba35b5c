import { type Static, Type } from 'typebox'

/**
 * What is read of Stripe's objects, and no more; an answer that lacks it is not believed. Fields:
 * https://docs.stripe.com/api/payment_intents/object, charges/object, refunds/object.
 */
const Amount = Type.Integer({ minimum: 0 })
const Metadata = Type.Record(Type.String(), Type.String())
const Failure = Type.Object({
  code: Type.Optional(Type.Union([Type.String(), Type.Null()])),
  decline_code: Type.Optional(Type.Union([Type.String(), Type.Null()])),
})
const NextAction = Type.Object({
  type: Type.String(),
  redirect_to_url: Type.Optional(
    Type.Union([Type.Object({ url: Type.Union([Type.String(), Type.Null()]) }), Type.Null()]),
  ),
})

export const Intent = Type.Object({
  id: Type.String({ minLength: 1, maxLength: 255 }),
  object: Type.Literal('payment_intent'),
  status: Type.Union([
    Type.Literal('requires_payment_method'),
    Type.Literal('requires_confirmation'),
    Type.Literal('requires_action'),
    Type.Literal('processing'),
    Type.Literal('requires_capture'),
    Type.Literal('succeeded'),
    Type.Literal('canceled'),
  ]),
  amount: Amount,
  amount_received: Amount,
  currency: Type.String({ pattern: '^[a-z]{3}$' }),
  /** Seconds. */
  created: Type.Integer({ minimum: 0 }),
  metadata: Metadata,
  last_payment_error: Type.Union([Failure, Type.Null()]),
  next_action: Type.Union([NextAction, Type.Null()]),
  /** Always asked for with its fields: what was given back stands there. */
  latest_charge: Type.Union([Type.Object({ amount_refunded: Amount }), Type.Null()]),
})
export type Intent = Static<typeof Intent>

export const IntentPage = Type.Object({ data: Type.Array(Intent), has_more: Type.Boolean() })

const RefundStatus = Type.Union([
  Type.Literal('pending'),
  Type.Literal('requires_action'),
  Type.Literal('succeeded'),
  Type.Literal('failed'),
  Type.Literal('canceled'),
])

export const MadeRefund = Type.Object({
  object: Type.Literal('refund'),
  status: RefundStatus,
  payment_intent: Intent,
})

export const RefundPage = Type.Object({
  data: Type.Array(Type.Object({ status: RefundStatus, metadata: Type.Union([Metadata, Type.Null()]) })),
  has_more: Type.Boolean(),
})
