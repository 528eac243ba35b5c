import type { Stripe } from 'stripe'
import type { PaymentObject } from '../provider.ts'
import { askIntent, askIntents } from './asking.ts'
import { isMissing, reasonOf } from './fault-rules.ts'
import { objectOf } from './object-rules.ts'

/** Stripe gives no more at once. */
const MOST_AT_ONCE = 100

/** Reads of what the shop has made; what others have made in the same account is passed over. Both reject when Stripe does not answer. */
export function createListing(stripe: Stripe) {
  async function find(object_id: string): Promise<PaymentObject | undefined> {
    const said = await askIntent(() =>
      stripe.paymentIntents.retrieve(object_id, { expand: ['latest_charge'] }),
    )
    if (said.answer) return objectOf(said.answer)
    if (isMissing(said)) return undefined
    throw new Error(reasonOf(said))
  }

  /** Newest first. A page is short only where nothing follows. */
  async function list(since: number, after: PaymentObject | null, limit: number): Promise<PaymentObject[]> {
    const found: PaymentObject[] = []
    for (let last = after?.id; ; ) {
      const said = await askIntents(() =>
        stripe.paymentIntents.list(pageBehind(last, since, limit - found.length)),
      )
      if (!said.answer) throw new Error(reasonOf(said))
      const { data, has_more } = said.answer
      for (const intent of data) {
        const object = objectOf(intent)
        if (object) found.push(object)
      }
      if (!has_more || data.length === 0 || found.length >= limit) return found
      last = data.at(-1)!.id
    }
  }

  return { find, list }
}

function pageBehind(last: string | undefined, since: number, wanted: number) {
  return {
    created: { gte: Math.floor(since / 1_000) },
    limit: Math.min(wanted, MOST_AT_ONCE),
    expand: ['data.latest_charge'],
    ...(last !== undefined && { starting_after: last }),
  }
}
