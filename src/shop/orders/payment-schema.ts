import { type Static, Type } from 'typebox'
import { Money } from '../../kernel/money.ts'
import type { BrowserAction } from '../../payments/provider.ts'

export type { Notice, PaymentObject } from '../../payments/provider.ts'

const closed = { additionalProperties: false } as const

/** What the protocol does with a provider, each under a key of its own. */
export type PaymentWork = 'create' | 'authorise' | 'capture' | 'cancel' | 'refund'

/** An intent is stored before the provider is asked; `unknown` is what a time-out leaves. */
export type OperationState = 'intent' | 'unknown' | 'needs_action' | 'done' | 'refused'

export interface PaymentOperation {
  /** `pay_…` */
  id: string
  kind: PaymentWork
  /** Counts the operations of this kind from 1; part of the key. */
  number: number
  state: OperationState
  amount: number
  at: string
  /** Of an authorisation: the provider's name for what the customer pays with. Never a card's number. */
  method?: string
  /** Why it was refused. */
  code?: string
  action?: BrowserAction
  /** How often the provider did not answer. */
  tries?: number
  /** Whether it was done at the provider by somebody else, and not by the shop. */
  elsewhere?: true
  /** At the provider, where it is not the one that its number makes. */
  key?: string
  /** Of a refund by staff: why. For staff. */
  reason?: string
  by?: string
  /** Of a refund: the return that it is for. */
  return_id?: string
  /** The request that asked for it, so that its repeat is answered alike. */
  request?: string
}

/** The payment of an order by card: every operation, so that the money can be added up from the order alone. */
export interface Payment {
  provider: string
  /** The provider's object; there before anything is authorised. */
  object_id?: string
  operations: PaymentOperation[]
  captured: number
  refunded: number
  /** Milliseconds: an operation that is not known is not tried again before. */
  retry_at?: number
}

export const MAX_ATTEMPTS_TO_PAY = 20
export const MAX_METHOD_LENGTH = 255
/** The provider of money that staff take and give back by hand. */
export const CASH_DESK = 'cash'
/** What a customer may hold unpaid at a time. */
export const MAX_UNPAID_ORDERS = 3

export const NewPayment = Type.Object(
  {
    method: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: MAX_METHOD_LENGTH,
        pattern: '^[\\x21-\\x7e]+$',
        description:
          "The provider's token of what is paid with, printable ASCII without spaces; absent: look again at the payment under way",
      }),
    ),
  },
  closed,
)
export type NewPayment = Static<typeof NewPayment>

export const PaymentView = Type.Object(
  {
    id: Type.String(),
    order_id: Type.String(),
    state: Type.Enum(['requires_action', 'processing', 'succeeded', 'failed'], {
      description: '`succeeded`: the money is taken; `processing`: the provider was not heard of yet',
    }),
    amount: Money,
    created_at: Type.String({ format: 'date-time' }),
    code: Type.Union([Type.String(), Type.Null()], { description: 'Why it failed' }),
    action: Type.Union(
      [Type.Object({ kind: Type.Literal('redirect'), url: Type.String() }, closed), Type.Null()],
      { description: 'What the browser has to do; then ask again without a method' },
    ),
  },
  closed,
)
export type PaymentView = Static<typeof PaymentView>

/** A movement of money: what was taken is positive, what was given back is negative. */
export const LedgerEntry = Type.Object(
  {
    kind: Type.Enum(['capture', 'refund']),
    amount: Type.Object({ amount: Type.Integer(), currency: Type.String() }, closed),
    at: Type.String({ format: 'date-time' }),
  },
  closed,
)
export type LedgerEntry = Static<typeof LedgerEntry>
