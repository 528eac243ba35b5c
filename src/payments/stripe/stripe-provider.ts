import type { Clock } from '../../kernel/clock.ts'
import type { Logger } from '../../kernel/logger.ts'
import type { Outcome, PaymentProvider } from '../provider.ts'
import { toStripe } from './amount-rules.ts'
import { askIntent } from './asking.ts'
import { createAuthorising } from './authorising.ts'
import { createClient } from './client.ts'
import { isOfAmount, reasonOf } from './fault-rules.ts'
import { createHearing } from './hearing.ts'
import { change, look, notKnown, standing, WITH_CHARGE } from './intents.ts'
import { createListing } from './listing.ts'
import { MADE_BY } from './object-rules.ts'
import { createRefunding } from './refunding.ts'
import { cancelRefusal, captureRefusal } from './standing-rules.ts'
import { isSpent, underKeys } from './under-keys.ts'

export interface StripeOptions {
  secret_key: string
  /** The current one first. */
  webhook_secrets: readonly string[]
  /** Where the browser comes back to; without it nobody is asked anything, and who would have to be is refused. */
  return_url?: string
  /** Another address of Stripe's API, for tests. */
  api_url?: string
  /** Of one request to Stripe. */
  deadline_ms?: number
  clock: Clock
  logger: Pick<Logger, 'warn'>
}

type Create = Parameters<PaymentProvider['create']>[0]
type Capture = Parameters<PaymentProvider['capture']>[0]
type Cancel = Parameters<PaymentProvider['cancel']>[0]

/** Cards through Stripe: a PaymentIntent for each order, captured by hand. Why it is as it is: decision 0131. */
export function createStripeProvider(options: StripeOptions): PaymentProvider {
  const { secret_key, webhook_secrets, return_url, clock, logger } = options
  const stripe = createClient(options)
  const live = /^[rs]k_live_/.test(secret_key)

  async function create({ key, order_id, amount, currency }: Create): Promise<Outcome> {
    const cannot = (why: object): Outcome => {
      logger.warn({ order_id, amount, currency, ...why }, 'Stripe cannot charge this amount')
      return { outcome: 'refused', code: 'invalid_method' }
    }
    const stripes = toStripe(amount, currency)
    if (stripes === undefined) return cannot({ why: 'Stripe has no number for it' })
    const wanted = {
      amount: stripes,
      currency: currency.toLowerCase(),
      capture_method: 'manual' as const,
      // Wallets that hold cards among them. Whatever else an account may offer cannot be held first and taken later.
      payment_method_types: ['card'],
      metadata: { ...MADE_BY, order_id },
      ...WITH_CHARGE,
    }
    return underKeys(key, async (name) => {
      const said = await askIntent(() => stripe.paymentIntents.create(wanted, { idempotencyKey: name }))
      if (said.fault === 'no' && isOfAmount(said)) return cannot({ why: reasonOf(said) })
      // One that was made all the same is known to nobody: nothing is ever held on it.
      if (!said.answer) return isSpent(said) ? { spent: reasonOf(said) } : notKnown(said)
      const made = standing(said.answer)
      return 'outcome' in made ? made : { outcome: 'done', object: made.object }
    })
  }

  async function capture({ key, object_id, amount }: Capture): Promise<Outcome> {
    const now = await look(stripe, object_id)
    if ('outcome' in now) return now
    const before = captureRefusal(now, key, amount)
    if (before) return before
    const stripes = toStripe(amount, now.object.currency)
    if (stripes === undefined) return { outcome: 'unknown', reason: 'Stripe has no number for this amount' }
    // Stripe forgets keys after a day or so; what was taken carries the one under which it was.
    const wanted = { amount_to_capture: stripes, metadata: { capture_key: key }, ...WITH_CHARGE }
    return change({
      ...{ stripe, object_id, key },
      call: (name) => stripe.paymentIntents.capture(object_id, wanted, { idempotencyKey: name }),
      done: ({ object }) => (object.state === 'captured' ? { outcome: 'done', object } : undefined),
      explain: (found) => captureRefusal(found, key, amount),
    })
  }

  async function cancel({ key, object_id }: Cancel): Promise<Outcome> {
    return change({
      ...{ stripe, object_id, key },
      call: (name) => stripe.paymentIntents.cancel(object_id, WITH_CHARGE, { idempotencyKey: name }),
      done: cancelRefusal,
      explain: cancelRefusal,
    })
  }

  return {
    name: 'stripe',
    create,
    authorise: createAuthorising({ stripe, return_url, logger }),
    capture,
    cancel,
    refund: createRefunding({ stripe, logger }),
    ...createListing(stripe),
    hear: createHearing({ webhook_secrets, live, clock }),
    async close() {},
  }
}
