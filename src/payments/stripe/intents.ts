import type { Stripe } from 'stripe'
import type { Outcome, PaymentObject } from '../provider.ts'
import type { Intent } from './answer-schema.ts'
import { askIntent, type Said } from './asking.ts'
import { type Fault, reasonOf } from './fault-rules.ts'
import { objectOf } from './object-rules.ts'

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
  call(): Promise<unknown>
  /** What it comes to where Stripe did it; undefined where the object does not show that. */
  done(now: Standing): Outcome | undefined
  /** Why Stripe said no, by how the object stands now; undefined where that explains nothing. */
  explain(now: Standing): Outcome | undefined
}

/** Asks for a change and answers by what the object shows: of a no, too, what counts is how it stands and not Stripe's wording. */
export async function change({ stripe, object_id, call, done, explain }: Change): Promise<Outcome> {
  const said: Said<Intent> = await askIntent(call)
  if (said.answer) {
    const now = standing(said.answer)
    if ('outcome' in now) return now
    return done(now) ?? { outcome: 'unknown', reason: `Stripe left it at ${now.intent.status}` }
  }
  if (said.fault === 'unknown') return notKnown(said)
  const now = await look(stripe, object_id)
  if ('outcome' in now) return now
  return explain(now) ?? notKnown(said)
}
