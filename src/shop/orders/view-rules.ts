import { ledgerOf, paymentsOf } from './payment-view-rules.ts'
import { refundsOf } from './refund-view-rules.ts'
import { returnsOf } from './return-view-rules.ts'
import type { HistoryEntry, Order } from './schema.ts'
import { allowedTransitions } from './step-rules.ts'
import type { OrderView } from './view-schema.ts'

/** Whose eyes: staff see who did what and all notes. */
export interface Viewer {
  staff: boolean
}

/** The order as its readers get it. */
export function orderView(order: Order, viewer: Viewer): OrderView {
  const money = (amount: number) => ({ amount, currency: order.currency })
  const { tracking } = order
  return {
    id: order.id,
    version: order.version,
    created_at: order.created_at,
    updated_at: order.updated_at,
    number: order.number,
    external_id: order.external_id ?? null,
    user_id: order.user_id,
    status: order.status,
    payment_status: order.payment_status,
    payment_method: order.payment_method,
    items: order.lines.map(({ product_version: _, unit_price, line_total, ...line }) => ({
      ...line,
      unit_price: money(unit_price),
      line_total: money(line_total),
    })),
    subtotal: money(order.subtotal),
    shipping: money(order.shipping),
    tax: money(order.tax),
    tax_included: money(order.tax_included ?? 0),
    tax_rate_ppm: order.tax_rate_ppm ?? 0,
    discount: money(order.discount),
    total: money(order.total),
    shipping_address: order.shipping_address ?? null,
    billing_address: order.billing_address ?? null,
    note: order.note ?? null,
    tracking: tracking
      ? { carrier: tracking.carrier ?? null, number: tracking.number, url: tracking.url ?? null }
      : null,
    expires_at: order.expires_at ?? null,
    payments: paymentsOf(order),
    refunds: refundsOf(order, viewer),
    returns: returnsOf(order, viewer),
    ledger: ledgerOf(order),
    history: historyView(order.history, viewer),
    allowed_transitions: allowedTransitions(order),
  }
}

function historyView(history: HistoryEntry[], viewer: Viewer): OrderView['history'] {
  return history.flatMap((entry, index) => {
    const before = history[index - 1]
    const hidden = entry.staff === true && !viewer.staff
    // Steps of the protocol that leave the status as it is concern nobody, notes of staff only staff.
    if (before && before.status === entry.status && (before.step !== entry.step || hidden)) return []
    return {
      from: before?.status ?? null,
      to: entry.status,
      at: entry.at,
      by: hidden ? 'staff' : entry.by,
      note: hidden ? null : (entry.note ?? null),
    }
  })
}

/**
 * The order as it was when its request was answered. Everything that changes later hangs on the history, so the
 * first answer can be told again without a second copy of it.
 */
export function asAnswered(order: Order): Order {
  if (order.result?.kind !== 'placed') throw new Error(`order ${order.id} was never answered`)
  const { entries, version, at, expires_at } = order.result
  const history = order.history.slice(0, entries)
  const { step, status } = history.at(-1)!
  const { tracking: _, cancel_requested: __, payment: ___, expires_at: ____, returns: _____, ...kept } = order
  const then = { step, status, version, updated_at: at, history, payment_status: 'unpaid' as const }
  return { ...kept, ...then, ...(expires_at !== undefined && { expires_at }) }
}
