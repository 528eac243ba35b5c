import type { Outcome } from '../provider.ts'
import type { Said } from './asking.ts'

/** Behind the last of them an operation is only looked at, until Stripe forgets the first of them, after a day or so. */
const MOST_KEYS = 10

/** The key has told all that it ever will, and the object shows that nothing was done. */
export interface Spent {
  /** What Stripe said of it. */
  spent: string
}

/**
 * Asks under the key and, where that is spent, under the next one derived from it. All before it have been answered and are over, so
 * whoever asks at the same time comes to the same key, and it is done once.
 */
export async function underKeys(
  key: string,
  ask: (key: string) => Promise<Outcome | Spent>,
): Promise<Outcome> {
  let reason = ''
  for (let number = 0; number < MOST_KEYS; number++) {
    const outcome = await ask(number === 0 ? key : `${key}:again:${number}`)
    if (!('spent' in outcome)) return outcome
    reason = outcome.spent
  }
  return { outcome: 'unknown', reason: `${reason}, and so it did under ${MOST_KEYS} keys` }
}

/** Whether Stripe failed or refused under the key before, and will tell so for a day: https://docs.stripe.com/api/idempotent_requests. */
export function isSpent(said: Said<unknown>): boolean {
  return said.replayed && (said.fault === 'no' || (said.fault === 'unknown' && said.failed === true))
}

/** Whether nothing came that tells of the end of the request: it may still be under way, and its own key finds out. */
export function isOpen(said: Said<unknown>): boolean {
  return said.fault === 'unknown' && !said.failed && !said.replayed
}
