import type { CloudEvent } from '../../kernel/event.ts'
import type { Money } from '../../kernel/money.ts'
import { countType, shift } from './count-rules.ts'
import type { PeriodFigures, TotalFigures } from './figures-schema.ts'
import { type OrderMove, orderMove, productMove, userMove } from './move-rules.ts'
import { liesIn, periodIds, TOTALS_ID } from './period-rules.ts'

/**
 * The fold of the figures. Every figure is a sum, so it comes out the same in whatever order the partitions
 * of the log are read, and a rebuild is equal.
 */
export type Figures = PeriodFigures | TotalFigures

const NOT_REVENUE = new Set(['pending', 'cancelled'])

export function emptyFigures(id: string): Figures {
  return id === TOTALS_ID
    ? { orders: {}, users: {}, products: {}, low_stock: 0, as_of: null }
    : { revenue: {}, orders: {}, new_customers: 0, events: {} }
}

/** The documents that an event changes: of the time when it happened and, of an order, of the time when it was made. */
export function documentsChangedBy(event: CloudEvent): string[] {
  const ids: string[] = [...periodIds(event.time), TOTALS_ID]
  const move = orderMove(event)
  if (move) for (const id of periodIds(move.created_at)) if (!ids.includes(id)) ids.push(id)
  return ids
}

export function applyToTotals(totals: TotalFigures, event: CloudEvent): void {
  if (totals.as_of === null || event.time > totals.as_of) totals.as_of = event.time
  shift(totals.orders, orderMove(event))
  shift(totals.users, userMove(event))
  shift(totals.products, productMove(event))
  if (event.type === 'stock_changed') {
    const { low, low_before } = event.data as { low: boolean; low_before: boolean }
    totals.low_stock += Number(low) - Number(low_before)
  }
}

export function applyToPeriod(figures: PeriodFigures, id: string, event: CloudEvent): void {
  const move = orderMove(event)
  if (move && liesIn(move.created_at, id)) applyOrder(figures, move)
  if (!liesIn(event.time, id)) return
  countType(figures.events, event.type)
  if (event.type === 'user_registered' && (event.data as { role?: string }).role === 'customer') {
    figures.new_customers += 1
  }
  if (event.type === 'payment_refunded') countRefund(figures, event.data as { amount: Money }, 1)
  if (event.type === 'payment_refund_failed') countRefund(figures, event.data as { amount: Money }, -1)
}

function countRefund(figures: PeriodFigures, { amount: money }: { amount: Money }, sign: 1 | -1): void {
  const { amount, currency } = money
  const before = figures.refunds?.[currency] ?? { amount: 0, count: 0 }
  const entry = { amount: before.amount + sign * amount, count: before.count + sign }
  figures.refunds = { ...figures.refunds, [currency]: entry }
}

function applyOrder(figures: PeriodFigures, move: OrderMove): void {
  shift(figures.orders, move)
  const counted = move.from !== null && !NOT_REVENUE.has(move.from)
  const change = Number(!NOT_REVENUE.has(move.to)) - Number(counted)
  if (change === 0) return
  const { amount, currency } = move.total
  const entry = figures.revenue[currency] ?? { amount: 0, orders: 0 }
  entry.amount += change * amount
  entry.orders += change
  figures.revenue[currency] = entry
}
