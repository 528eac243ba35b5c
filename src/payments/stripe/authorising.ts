import type { Stripe } from 'stripe'
import type { Logger } from '../../kernel/logger.ts'
import type { Outcome } from '../provider.ts'
import type { Intent } from './answer-schema.ts'
import { askIntent } from './asking.ts'
import { isOfMethod, reasonOf, refusalOf } from './fault-rules.ts'
import { look, notKnown, standing, WITH_CHARGE } from './intents.ts'
import { authorisation, notAuthenticated } from './standing-rules.ts'
import { isOpen, isSpent, type Spent, underKeys } from './under-keys.ts'

export interface AuthorisingNeeds {
  stripe: Stripe
  return_url: string | undefined
  logger: Pick<Logger, 'warn'>
}

interface Wanted {
  key: string
  object_id: string
  method: string
}

/** Stripe's names of payment methods; a card's number is none, and goes no further. */
const METHOD = /^pm_\w{1,200}$/

/** At the bank, or with the customer: an answer that says so is soon old. */
const MOVING: readonly Intent['status'][] = ['requires_action', 'processing']

/** Holds the amount. What is not over, and what Stripe says for the second time, is looked at: it may stand otherwise by now. */
export function createAuthorising({ stripe, return_url, logger }: AuthorisingNeeds) {
  return async function authorise(wanted: Wanted): Promise<Outcome> {
    if (!METHOD.test(wanted.method)) return { outcome: 'refused', code: 'invalid_method' }
    return underKeys(wanted.key, (key) => hold({ ...wanted, key }))
  }

  async function hold(wanted: Wanted): Promise<Outcome | Spent> {
    const said = await askIntent(() => confirm(wanted))
    if (said.fault && isOpen(said)) return notKnown(said)
    if (said.fault === 'no' && said.status === 402) return { outcome: 'refused', code: refusalOf(said) }
    if (said.fault === 'no' && isOfMethod(said)) return { outcome: 'refused', code: 'invalid_method' }
    if (said.answer && !said.replayed && !MOVING.includes(said.answer.status)) {
      const first = standing(said.answer)
      if ('outcome' in first) return first
      return authorisation(first) ?? notAuthenticated(first)
    }
    const now = await look(stripe, wanted.object_id)
    if ('outcome' in now) return now
    const came = authorisation(now)
    if (came) return came
    if (said.fault === 'unknown') return isSpent(said) ? { spent: said.reason } : notKnown(said)
    if (said.fault !== 'no') return notAuthenticated(now)
    // Nothing is held, and Stripe will not hold it with this method: an order must not wait for that.
    logger.warn({ order_id: now.object.order_id, reason: reasonOf(said) }, 'Stripe refuses to authorise')
    return { outcome: 'refused', code: 'invalid_method', object: now.object }
  }

  /** With an address to come back to Stripe asks by an address, never by its script; without one it refuses who would have to be asked. */
  function confirm({ key, object_id, method }: Wanted) {
    const asking = return_url === undefined ? { error_on_requires_action: true } : { return_url }
    const wanted = { payment_method: method, ...asking, ...WITH_CHARGE }
    return stripe.paymentIntents.confirm(object_id, wanted, { idempotencyKey: key })
  }
}
