import type { Stripe } from 'stripe'
import type { Outcome, PaymentObject } from '../provider.ts'
import { toStripe } from './amount-rules.ts'
import { askRefund, askRefunds } from './asking.ts'
import { look, notKnown, standing } from './intents.ts'
import { MADE_BY } from './object-rules.ts'
import { refundRefusal } from './standing-rules.ts'

interface Wanted {
  key: string
  object_id: string
  amount: number
}

type RefundStatus = 'pending' | 'requires_action' | 'succeeded' | 'failed' | 'canceled'

/** An order has no more of them. */
const MOST_REFUNDS = 100

/**
 * Gives money back, once under a key for ever: Stripe forgets keys after a day or so, so a refund carries its key, and those that there
 * are are looked at first.
 */
export function createRefunding(stripe: Stripe) {
  return async function refund(wanted: Wanted): Promise<Outcome> {
    const before = await soFar(wanted)
    if ('outcome' in before) return before
    // A refund of what is only held would release it.
    if (before.object.state !== 'captured') return refundRefusal(before.object, wanted.amount)!
    const amount = toStripe(wanted.amount, before.object.currency)
    if (amount === undefined) return { outcome: 'refused', code: 'declined', object: before.object }
    const said = await askRefund(() => give(wanted, before.object, amount))
    if (said.answer) {
      const now = standing(said.answer.payment_intent)
      return 'outcome' in now ? now : outcomeOf(said.answer.status, now.object)
    }
    if (said.fault === 'unknown') return notKnown(said)
    const after = await soFar(wanted)
    if ('outcome' in after) return after
    const why = refundRefusal(after.object, wanted.amount)
    if (why) return why
    const disputed = said.fault === 'no' && said.code === 'charge_disputed'
    return disputed ? { outcome: 'refused', code: 'declined', object: after.object } : notKnown(said)
  }

  /** The outcome of the refund under this key, where there is one; else how its object stands. */
  async function soFar({ key, object_id }: Wanted): Promise<Outcome | { object: PaymentObject }> {
    const [now, refunds] = await Promise.all([
      look(stripe, object_id),
      askRefunds(() => stripe.refunds.list({ payment_intent: object_id, limit: MOST_REFUNDS })),
    ])
    if ('outcome' in now) return now
    if (!refunds.answer) return notKnown(refunds)
    const own = refunds.answer.data.find(({ metadata }) => metadata?.key === key)
    return own ? outcomeOf(own.status, now.object) : { object: now.object }
  }

  function give({ key, object_id }: Wanted, { order_id }: PaymentObject, amount: number) {
    const metadata = { ...MADE_BY, order_id, key }
    const expand = ['payment_intent.latest_charge']
    return stripe.refunds.create(
      { payment_intent: object_id, amount, metadata, expand },
      { idempotencyKey: key },
    )
  }
}

/** One that is under way counts as given: should it fail, Stripe tells so by itself. */
function outcomeOf(status: RefundStatus, object: PaymentObject): Outcome {
  if (status === 'failed' || status === 'canceled') return { outcome: 'refused', code: 'declined', object }
  return { outcome: 'done', object }
}
