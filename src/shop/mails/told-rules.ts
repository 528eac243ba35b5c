import type { CloudEvent } from '../../kernel/event.ts'
import { MAX_NEWS_AGE_MS, type Mail, type ToldKind } from './schema.ts'

/** What an event asks to be mailed. */
export interface ToldMail extends Pick<Mail, 'order_id' | 'amount'> {
  kind: ToldKind
  /** What it is about: there is one mail of a kind for it. */
  subject: string
  user_id: string
}

/** What the events say that are mailed, as far as it matters here. */
interface Told {
  user_id: string
  changed: string[]
  order_id: string
  status: string
  status_before?: string
  reason: string
  amount: { amount: number; currency: string }
}

/** Why an order ended that its customer has heard of already, or that a new one took the place of. */
const KNOWN_ENDS: ReadonlySet<string> = new Set(['superseded', 'out_of_stock', 'unavailable'])

/** The mail that an event asks for; undefined for most. `now` in milliseconds: what is old is no news. */
export function toldBy(event: CloudEvent, now: number): ToldMail | undefined {
  if (now - Date.parse(event.time) > MAX_NEWS_AGE_MS) return undefined
  const data = event.data as Told
  const { user_id, order_id } = data
  const ofOrder = (kind: ToldKind) => ({ kind, subject: order_id, user_id, order_id })
  switch (event.type) {
    case 'user_registered':
      // Nobody greets the first administrator.
      return event.actor === 'system' ? undefined : { kind: 'welcome', subject: user_id, user_id }
    case 'profile_updated':
      if (!data.changed.includes('password')) return undefined
      return { kind: 'password_changed', subject: event.id, user_id }
    case 'order_created':
    case 'order_updated':
      if (data.status === data.status_before) return undefined
      if (data.status === 'confirmed') return ofOrder('order_confirmed')
      return data.status === 'shipped' ? ofOrder('order_shipped') : undefined
    case 'order_cancelled':
      return KNOWN_ENDS.has(data.reason) ? undefined : ofOrder('order_cancelled')
    case 'payment_refunded':
      return { ...ofOrder('order_refunded'), subject: event.id, amount: data.amount }
    default:
      return undefined
  }
}
