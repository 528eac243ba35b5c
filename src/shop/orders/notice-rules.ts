import { beyond } from './elsewhere-rules.ts'
import { askedOf, isOpen, isPaused, keyOf, openOf } from './payment-rules.ts'
import type { Notice } from './payment-schema.ts'
import { isUndone } from './reconcile-rules.ts'
import { refundFailed } from './refused-rules.ts'
import type { Order } from './schema.ts'
import { type Commit, isOver, kept, type Mark, rests } from './step-rules.ts'
import { withTrouble } from './trouble-rules.ts'

/** What a notice came to. */
export type NoticeOutcome =
  /** Nothing: the shop knew. */
  | 'known'
  /** The order was driven on. */
  | 'driven'
  /** The order was compared with what the provider has. */
  | 'compared'
  | 'refund_failed'
  /** It tells of no payment. */
  | 'other_type'
  | 'unknown_order'
  /** It tells of another amount, currency or payment than the order's. */
  | 'mismatch'

export interface NoticeVerdict {
  outcome: NoticeOutcome
  commit?: Commit
  /** Whether it is to be taken again, when what is under way has been written down. */
  again?: true
}

/**
 * What a notice means for its order. It comes late, twice, in any order, and before the answer of the call that caused it; so it
 * only says where to look, and what the order does next follows from what the provider answers under the order's own keys.
 */
export function noticed(order: Order, notice: Notice, mark: Mark): NoticeVerdict {
  if (isStrange(order, notice))
    return { outcome: 'mismatch', commit: kept(withTrouble(order, 'payment_mismatch', mark), mark) }
  if (notice.failed_refund !== undefined) return failedRefund(order, notice.failed_refund, mark)
  const more = tellsOfMore(order, notice)
  if (rests(order)) return { outcome: more ? 'compared' : 'known' }
  const again = more && isOver(order) && { again: true as const }
  if (isPaused(order, mark.now) && waitsForProvider(order))
    return { outcome: 'driven', commit: woken(order, mark), ...again }
  return { outcome: 'known', ...again }
}

function isStrange(order: Order, { object }: Notice): boolean {
  const { id, amount = order.total, currency = order.currency } = object!
  const known = order.payment?.object_id
  if (order.payment_method !== 'card' || (known !== undefined && known !== id)) return true
  return amount !== order.total || currency !== order.currency
}

function waitsForProvider(order: Order): boolean {
  const open = (['create', 'authorise', 'capture', 'cancel', 'refund'] as const).some((kind) =>
    openOf(order, kind),
  )
  return open || askedOf(order) !== undefined
}

/** The order, whose provider may be asked at once. */
function woken(order: Order, mark: Mark): Commit {
  const { retry_at: _, ...payment } = order.payment!
  return kept({ ...order, payment }, mark)
}

function failedRefund(order: Order, key: string, mark: Mark): NoticeVerdict {
  const refund = order.payment?.operations.find(
    (operation) => (operation.key ?? keyOf(order, operation)) === key,
  )
  if (refund?.kind !== 'refund')
    return { outcome: 'mismatch', commit: kept(withTrouble(order, 'payment_mismatch', mark), mark) }
  if (isOpen(refund)) return { outcome: 'known', again: true }
  if (refund.state !== 'done') return { outcome: 'known' }
  return { outcome: 'refund_failed', commit: refundFailed(order, refund, mark) }
}

/** Whether the provider may have more of this payment than its order says. */
function tellsOfMore(order: Order, { object }: Notice): boolean {
  const more = beyond(order, { captured: object!.captured ?? 0, refunded: object!.refunded ?? 0 })
  return isUndone(order) || more.captured > 0 || more.refunded > 0
}
