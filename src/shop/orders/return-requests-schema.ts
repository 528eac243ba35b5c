import { type Static, Type } from 'typebox'
import { MAX_AMOUNT, Money } from '../../kernel/money.ts'
import { RefundView } from './refund-schema.ts'
import { NewOrderItem } from './requests-schema.ts'
import { MAX_REASON_LENGTH, RETURN_STATES } from './return-schema.ts'
import { MAX_LINE_QUANTITY, MAX_NOTE_LENGTH, MAX_ORDER_LINES } from './schema.ts'

const closed = { additionalProperties: false } as const
const State = Type.Enum([...RETURN_STATES])
const Pieces = Type.Integer({ minimum: 0, maximum: MAX_LINE_QUANTITY })
const NullableText = Type.Union([Type.String(), Type.Null()])

export const NewReturn = Type.Object(
  {
    items: Type.Array(
      Type.Object(
        {
          ...NewOrderItem.properties,
          reason: Type.Optional(Type.String({ minLength: 1, maxLength: MAX_REASON_LENGTH })),
        },
        closed,
      ),
      { minItems: 1, maxItems: MAX_ORDER_LINES },
    ),
    note: Type.Optional(Type.String({ minLength: 1, maxLength: MAX_NOTE_LENGTH })),
  },
  closed,
)
export type NewReturn = Static<typeof NewReturn>

/** What became of the pieces of one line. */
const ReceivedItem = Type.Object(
  {
    product_id: NewOrderItem.properties.product_id,
    sku: NewOrderItem.properties.sku,
    restocked: Type.Optional(Pieces),
    written_off: Type.Optional(Pieces),
  },
  closed,
)

export const ReturnChange = Type.Object(
  {
    state: Type.Enum(['approved', 'rejected', 'received', 'refunded']),
    note: Type.Optional(
      Type.String({ minLength: 1, maxLength: MAX_NOTE_LENGTH, description: 'For staff only' }),
    ),
    items: Type.Optional(
      Type.Array(ReceivedItem, {
        maxItems: MAX_ORDER_LINES,
        description:
          'With `received`: what is sold again and what is written off; lines left out are sold again',
      }),
    ),
    amount: Type.Optional(
      Type.Object(
        { ...Money.properties, amount: Type.Integer({ minimum: 1, maximum: MAX_AMOUNT }) },
        { ...closed, description: 'With `refunded`; absent: what the returned lines cost, without shipping' },
      ),
    ),
  },
  closed,
)
export type ReturnChange = Static<typeof ReturnChange>

export const ReturnView = Type.Object(
  {
    id: Type.String(),
    order_id: Type.String(),
    state: State,
    created_at: Type.String({ format: 'date-time' }),
    items: Type.Array(
      Type.Object(
        {
          product_id: Type.String(),
          sku: Type.String(),
          quantity: Type.Integer(),
          reason: NullableText,
          restocked: Type.Union([Type.Integer(), Type.Null()], { description: 'There once it is received' }),
          written_off: Type.Union([Type.Integer(), Type.Null()]),
        },
        closed,
      ),
    ),
    note: NullableText,
    refund: Type.Union([RefundView, Type.Null()], { description: 'The last one that was tried' }),
    history: Type.Array(
      Type.Object(
        {
          state: State,
          at: Type.String({ format: 'date-time' }),
          by: Type.String({ description: 'For customers `staff` stands for all of them' }),
          note: NullableText,
        },
        closed,
      ),
    ),
    allowed_transitions: Type.Array(State, { description: 'What staff may do' }),
  },
  closed,
)
export type ReturnView = Static<typeof ReturnView>
