import { Type } from 'typebox'

const Name = Type.String({ minLength: 1, maxLength: 255 })

/** What is read of a delivery: https://docs.stripe.com/api/events/object. */
export const Event = Type.Object({
  id: Name,
  object: Type.Literal('event'),
  type: Name,
  livemode: Type.Boolean(),
  data: Type.Object({ object: Type.Object({}) }),
})

const Metadata = Type.Record(Type.String(), Type.String())
const Amount = Type.Integer({ minimum: 0 })
const Currency = Type.String({ pattern: '^[a-z]{3}$' })

/** What an event may tell of; of anything else the shop keeps the name alone. */
export const ToldIntent = Type.Object({
  object: Type.Literal('payment_intent'),
  id: Name,
  amount: Amount,
  currency: Currency,
  metadata: Metadata,
})

/** Its metadata are those of its intent. */
export const ToldCharge = Type.Object({
  object: Type.Literal('charge'),
  payment_intent: Name,
  amount: Amount,
  amount_captured: Type.Optional(Amount),
  amount_refunded: Type.Optional(Amount),
  currency: Currency,
  metadata: Metadata,
})

export const ToldRefund = Type.Object({
  object: Type.Literal('refund'),
  payment_intent: Name,
  status: Name,
  metadata: Metadata,
})
