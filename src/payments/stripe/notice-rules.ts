import type { Static } from 'typebox'
import { Compile } from 'typebox/compile'
import type { Notice } from '../provider.ts'
import { fromStripe } from './amount-rules.ts'
import { type Event, ToldCharge, ToldIntent, ToldRefund } from './event-schema.ts'
import { cameToNothing, orderOf } from './object-rules.ts'

const intent = Compile(ToldIntent)
const charge = Compile(ToldCharge)
const refund = Compile(ToldRefund)

/** An event in the words of the port. What it tells of is named only where the shop has made it. */
export function noticeOf({ id, type, data }: Static<typeof Event>): Notice {
  const told: unknown = data.object
  if (intent.Check(told)) return { id, type, ...worth(told.id, told) }
  if (charge.Check(told)) return { id, type, ...ofCharge(told) }
  if (refund.Check(told)) return { id, type, ...ofRefund(told) }
  return { id, type }
}

function worth(
  object_id: string,
  told: Static<typeof ToldIntent> | Static<typeof ToldCharge>,
): Partial<Notice> {
  const order_id = orderOf(told.metadata)
  if (order_id === undefined) return {}
  const currency = told.currency.toUpperCase()
  const amount = fromStripe(told.amount, currency)
  return { object: { id: object_id, order_id, currency, ...(amount !== undefined && { amount }) } }
}

/** A charge tells how much of it was taken and given back: so the shop sees what was done on Stripe's own pages. */
function ofCharge(told: Static<typeof ToldCharge>): Partial<Notice> {
  const { object } = worth(told.payment_intent, told)
  if (!object) return {}
  const told_of = (amount: number | undefined) =>
    amount === undefined ? undefined : fromStripe(amount, object.currency!)
  const captured = told_of(told.amount_captured)
  const refunded = told_of(told.amount_refunded)
  return {
    object: {
      ...object,
      ...(captured !== undefined && { captured }),
      ...(refunded !== undefined && { refunded }),
    },
  }
}

/** Its amount is a part of the object's, and says nothing of it. */
function ofRefund({ payment_intent, status, metadata }: Static<typeof ToldRefund>): Partial<Notice> {
  const order_id = orderOf(metadata)
  if (order_id === undefined) return {}
  const failed = cameToNothing(status) && Object.hasOwn(metadata, 'key')
  return { object: { id: payment_intent, order_id }, ...(failed && { failed_refund: metadata.key }) }
}
