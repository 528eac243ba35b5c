import type { Stripe } from 'stripe'
import type { Logger } from '../../kernel/logger.ts'
import type { Outcome, PaymentObject } from '../provider.ts'
import { toStripe } from './amount-rules.ts'
import { askRefund, askRefunds } from './asking.ts'
import { type Fault, isOfBalance, reasonOf, refundRefusalOf } from './fault-rules.ts'
import { look, notKnown, standing } from './intents.ts'
import { cameToNothing, MADE_BY } from './object-rules.ts'
import { refundRefusal } from './standing-rules.ts'
import { isOpen, isSpent, type Spent, underKeys } from './under-keys.ts'

export interface RefundingNeeds {
  stripe: Stripe
  logger: Pick<Logger, 'warn'>
}

interface Wanted {
  key: string
  object_id: string
  amount: number
}

/** The amount is in Stripe's units. */
type Given = Wanted & { order_id: string }
type No = Extract<Fault, { fault: 'no' }>
type RefundStatus = 'pending' | 'requires_action' | 'succeeded' | 'failed' | 'canceled'

/** Stripe gives no more at once, and the shop makes no more for an order. */
const MOST_REFUNDS = 100
/** One that was not found may be among the rest: it is not made a second time. */
const TOO_MANY: Outcome = { outcome: 'unknown', reason: `Stripe has more than ${MOST_REFUNDS} refunds of it` }

/**
 * Gives money back, once under a key for ever: Stripe forgets keys after a day or so, so a refund carries its key, and those that there
 * are are looked at first.
 */
export function createRefunding({ stripe, logger }: RefundingNeeds) {
  return async function refund(wanted: Wanted): Promise<Outcome> {
    const before = await soFar(wanted)
    if ('outcome' in before) return before
    const { object } = before
    // A refund of what is only held would release it.
    if (object.state !== 'captured') return refundRefusal(object, wanted.amount)!
    const amount = toStripe(wanted.amount, object.currency)
    if (amount === undefined) return { outcome: 'refused', code: 'declined', object }
    const { order_id } = object
    return underKeys(wanted.key, (key) => ask(wanted, () => give({ ...wanted, amount, order_id }, key)))
  }

  async function ask(wanted: Wanted, call: () => Promise<unknown>): Promise<Outcome | Spent> {
    const said = await askRefund(call)
    if (said.answer && !said.replayed) {
      const now = standing(said.answer.payment_intent)
      return 'outcome' in now ? now : outcomeOf(said.answer.status, now.object)
    }
    if (said.fault && isOpen(said)) return notKnown(said)
    const after = await soFar(wanted)
    if ('outcome' in after) return after
    const { object } = after
    if (said.answer) return outcomeOf(said.answer.status, object)
    // What is left explains a no alone: somebody else may just have made this very refund.
    if (said.fault !== 'no') return isSpent(said) ? { spent: reasonOf(said) } : notKnown(said)
    return refundRefusal(object, wanted.amount) ?? saidNo(said, object)
  }

  /** There is no such refund, and Stripe says why: an order's later refunds must not wait for it. */
  function saidNo(said: No, object: PaymentObject): Outcome {
    const reason = reasonOf(said)
    if (isOfBalance(said))
      return { outcome: 'unknown', reason: `the balance at Stripe is too low; ${reason}` }
    logger.warn({ order_id: object.order_id, reason }, 'Stripe refuses to give back')
    return { outcome: 'refused', code: refundRefusalOf(said), object }
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
    if (own) return outcomeOf(own.status, now.object)
    return refunds.answer.has_more ? TOO_MANY : { object: now.object }
  }

  function give({ key, object_id, amount, order_id }: Given, idempotencyKey: string) {
    const metadata = { ...MADE_BY, order_id, key }
    const expand = ['payment_intent.latest_charge']
    return stripe.refunds.create({ payment_intent: object_id, amount, metadata, expand }, { idempotencyKey })
  }
}

/** One that is under way counts as given: should it fail, Stripe tells so by itself. */
function outcomeOf(status: RefundStatus, object: PaymentObject): Outcome {
  if (cameToNothing(status)) return { outcome: 'refused', code: 'declined', object }
  return { outcome: 'done', object }
}
