import { type Static, Type } from 'typebox'
import { OBJECT_STATES, REFUSAL_CODES } from '../provider.ts'

/** What goes over the wire when the test provider is a process of its own. */

const closed = { additionalProperties: false } as const
const Text = Type.String({ minLength: 1, maxLength: 255 })
const Amount = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })
const on = { key: Text, object_id: Text }

export const OPERATION = Type.Union([
  Type.Object(
    { kind: Type.Literal('create'), key: Text, order_id: Text, amount: Amount, currency: Text },
    closed,
  ),
  Type.Object({ kind: Type.Literal('authorise'), ...on, method: Text }, closed),
  Type.Object({ kind: Type.Literal('capture'), ...on, amount: Amount }, closed),
  Type.Object({ kind: Type.Literal('cancel'), ...on }, closed),
  Type.Object({ kind: Type.Literal('refund'), ...on, amount: Amount }, closed),
])
export type Operation = Static<typeof OPERATION>

const Probability = Type.Number({ minimum: 0, maximum: 1 })

/** What may go wrong, or a part of it. */
export const FAULTS = Type.Partial(
  Type.Object({
    delay_ms: Type.Integer({ minimum: 0, maximum: 60_000 }),
    lost_before: Probability,
    lost_after: Probability,
    broken: Probability,
    late: Probability,
    twice: Probability,
    forged: Probability,
  }),
  closed,
)

export const PAYMENT_OBJECT = Type.Object({
  id: Text,
  order_id: Text,
  amount: Amount,
  currency: Text,
  state: Type.Enum([...OBJECT_STATES]),
  captured: Amount,
  refunded: Amount,
  created_at: Amount,
})

export const OUTCOME = Type.Union([
  Type.Object({ outcome: Type.Literal('done'), object: PAYMENT_OBJECT }),
  Type.Object({
    outcome: Type.Literal('refused'),
    code: Type.Enum([...REFUSAL_CODES]),
    object: Type.Optional(PAYMENT_OBJECT),
  }),
  Type.Object({
    outcome: Type.Literal('needs_action'),
    action: Type.Object({ kind: Type.Literal('redirect'), url: Type.String() }),
    object: PAYMENT_OBJECT,
  }),
  Type.Object({ outcome: Type.Literal('unknown'), reason: Type.String() }),
])
