import { type Static, Type } from 'typebox'
import { MAX_AMOUNT, Money } from '../../kernel/money.ts'

const closed = { additionalProperties: false } as const

export const MAX_REFUNDS = 100

export const NewRefund = Type.Object(
  {
    amount: Type.Optional(
      Type.Object(
        { ...Money.properties, amount: Type.Integer({ minimum: 1, maximum: MAX_AMOUNT }) },
        { ...closed, description: 'Absent: all that is left' },
      ),
    ),
    reason: Type.String({ minLength: 1, maxLength: 1_000, description: 'For staff only' }),
  },
  closed,
)
export type NewRefund = Static<typeof NewRefund>

export const RefundView = Type.Object(
  {
    id: Type.String(),
    order_id: Type.String(),
    state: Type.Enum(['processing', 'succeeded', 'failed']),
    amount: Money,
    created_at: Type.String({ format: 'date-time' }),
    reason: Type.Union([Type.String(), Type.Null()], { description: 'For staff' }),
    code: Type.Union([Type.String(), Type.Null()], { description: 'Why it failed' }),
  },
  closed,
)
export type RefundView = Static<typeof RefundView>
