import type { Stripe } from 'stripe'
import type { Outcome, PaymentObject } from '../provider.ts'
import type { Intent } from './answer-schema.ts'
import { askIntent } from './asking.ts'
import { type Fault, reasonOf } from './fault-rules.ts'
import { objectOf } from './object-rules.ts'
import { isOpen, isSpent, underKeys } from './under-keys.ts'

export interface Standing {
  intent: Intent
  object: PaymentObject
}

export type Looked = Standing | { outcome: 'unknown'; reason: string }

/** The charge comes along with each intent: what was given back stands there. */
export const WITH_CHARGE = { expand: ['latest_charge'] }

/** How a PaymentIntent stands now. */
export async function look(stripe: Stripe, object_id: string): Promise<Looked> {
  const said = await askIntent(() => stripe.paymentIntents.retrieve(object_id, WITH_CHARGE))
  return said.answer ? standing(said.answer) : notKnown(said)
}

/** What is told of one that the shop has not made is not believed. */
export function standing(intent: Intent): Looked {
  try {
    const object = objectOf(intent)
    return object
      ? { intent, object }
      : { outcome: 'unknown', reason: 'Stripe tells of something that the shop has not made' }
  } catch (error) {
    return { outcome: 'unknown', reason: (error as Error).message }
  }
}

export function notKnown(fault: Fault): Extract<Outcome, { outcome: 'unknown' }> {
  return { outcome: 'unknown', reason: reasonOf(fault) }
}

export interface Change {
  stripe: Stripe
  object_id: string
  key: string
  /** Asks under a key: the one above, or one derived from it. */
  call(key: string): Promise<unknown>
  /** What it comes to where Stripe did it; undefined where the object does not show that. */
  done(now: Standing): Outcome | undefined
  /** What came of it, or why it cannot be done, by how the object stands now; undefined where it could be done. */
  explain(now: Standing): Outcome | undefined
}

/**
 * Asks for a change and answers by what the object shows: of a no, too, what counts is how it stands and not Stripe's wording. What Stripe
 * says for the second time is old, and where the object shows no reason for an old no, another key is asked under: a change that cannot be
 * made is refused by the state of the object, whatever the key.
 */
export function change({ stripe, object_id, key, call, done, explain }: Change): Promise<Outcome> {
  return underKeys(key, async (name) => {
    const said = await askIntent(() => call(name))
    if (said.answer && !said.replayed) {
      const now = standing(said.answer)
      return 'outcome' in now ? now : (done(now) ?? leftAt(now))
    }
    if (said.fault && isOpen(said)) return notKnown(said)
    const now = await look(stripe, object_id)
    if ('outcome' in now) return now
    const shown = explain(now)
    if (shown) return shown
    if (!said.fault) return leftAt(now)
    return isSpent(said) ? { spent: reasonOf(said) } : notKnown(said)
  })
}

function leftAt({ intent }: Standing): Outcome {
  return { outcome: 'unknown', reason: `Stripe left it at ${intent.status}` }
}
