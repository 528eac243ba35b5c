import type { Mail } from '../mails/schema.ts'
import type { TroubledOrder } from '../orders/schema.ts'
import type { User } from '../users/schema.ts'
import type { InboxEntry } from '../webhooks/schema.ts'
import type { AttentionItem, ParkedSubject } from './schema.ts'

const OF_ORDERS: Record<TroubledOrder['why'], string> = {
  payment_unknown: 'The payment provider has not said what became of a call; the shop goes on asking.',
  payment_mismatch:
    "The payment provider tells of another amount, currency or payment than the order's; compare both.",
  payment_stuck: 'The payment provider refuses what has to be done; look there why.',
  refund_failed: 'A refund did not reach the customer; give it back in another way or try again.',
  moved_elsewhere:
    "Money was moved at the payment provider and not by the shop; the order's ledger has it now.",
  order_stuck: 'The order has been half-way for over an hour.',
}

export function ofOrder({ order_id, number, why, since }: TroubledOrder): AttentionItem {
  return { kind: why, since, order_id, message: `Order ${number}: ${OF_ORDERS[why]}` }
}

export function ofNotice({ provider, notice, outcome, attention_at }: InboxEntry): AttentionItem {
  return {
    kind: 'notice',
    since: attention_at!,
    order_id: notice.object?.order_id ?? null,
    message: `The provider ${provider} told of ${notice.type} (${notice.id}): ${outcome}. Look at it there.`,
  }
}

export function ofMail({ id, order_id, user_id, reason, attention_at }: Mail): AttentionItem {
  return {
    ...{ kind: 'mail_failed', since: attention_at!, order_id: order_id ?? null },
    message: `The mail ${id} to ${user_id} was not sent: ${reason}. If it is the address, ask the customer for another.`,
  }
}

export function ofParked({ group, topic, subject, reason, at }: ParkedSubject): AttentionItem {
  const order_id = subject.startsWith('orders/') ? subject.slice('orders/'.length) : null
  return {
    ...{ kind: 'parked_events', since: at, order_id },
    message: `${group} does not read on at ${topic} ${subject}: ${reason}`,
  }
}

const OF_ERASURES: Record<string, string> = {
  imports: 'an import of orders is under way',
  orders: 'orders are not done with; deliver or cancel them and settle their returns',
  files: 'somebody reads the database file all the time, or it could not be written; the log says more',
}

export function ofErasure({ id, erasure }: User): AttentionItem {
  const waits = (erasure?.waits_for ?? []).map(
    (part) => OF_ERASURES[part] ?? `${part} fails; the log says why`,
  )
  return {
    ...{ kind: 'erasure_waits', since: new Date(erasure?.began_at ?? 0).toISOString(), order_id: null },
    message: `The person of the account ${id} is not erased yet: ${waits.join('; ') || 'the next look is due'}.`,
  }
}

export function longestFirst(items: AttentionItem[]): AttentionItem[] {
  return items.sort((a, b) => (a.since < b.since ? -1 : a.since > b.since ? 1 : 0))
}
