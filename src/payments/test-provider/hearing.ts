import { Type } from 'typebox'
import { Compile } from 'typebox/compile'
import type { Clock } from '../../kernel/clock.ts'
import type { Delivery, Heard, Notice, PaymentObject } from '../provider.ts'
import { faultOf, SIGNATURE_HEADER } from './signature-rules.ts'

/** A notice as it goes over the wire. */
export interface NoticeBody extends Notice {
  object: PaymentObject
}

const Text = Type.String({ minLength: 1, maxLength: 255 })
const shape = Compile(
  Type.Object({
    id: Text,
    type: Text,
    object: Type.Optional(
      Type.Object({
        id: Text,
        order_id: Text,
        amount: Type.Integer(),
        currency: Text,
        captured: Type.Integer(),
        refunded: Type.Integer(),
      }),
    ),
    failed_refund: Type.Optional(Text),
  }),
)

/** Reads deliveries of the test provider that were signed with this secret. */
export function createHearing({ secret, clock }: { secret: string; clock: Clock }) {
  return ({ body, headers }: Delivery): Heard => {
    const header = headers[SIGNATURE_HEADER]
    const fault = faultOf(typeof header === 'string' ? header : undefined, {
      ...{ body, secret },
      now: clock.now(),
    })
    if (fault) return { refused: fault }
    const notice = parsed(body)
    return notice ? { notice } : { refused: 'malformed' }
  }
}

function parsed(body: Buffer): Notice | undefined {
  let value: unknown
  try {
    value = JSON.parse(body.toString('utf8'))
  } catch {
    return undefined
  }
  if (!shape.Check(value)) return undefined
  const { id, type, failed_refund, object } = value
  return { id, type, ...(object && { object }), ...(failed_refund !== undefined && { failed_refund }) }
}
