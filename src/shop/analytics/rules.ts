import type { CloudEvent } from '../../kernel/event.ts'
import { type Move, type OrderMove, orderMove, productMove, userMove } from './move-rules.ts'
import { liesIn, periodIds, TOTALS_ID } from './period-rules.ts'
import {
  type Counts,
  MAX_CUSTOM_TYPES,
  OTHER_CUSTOM_TYPES,
  type PeriodFigures,
  type TotalFigures,
} from './schema.ts'

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

/**
 * Counts one event of a type. Visitors choose the names under `custom.`, so a document keeps only the first of
 * them in the alphabet and sums up the rest. A name that was pushed out never comes back in, as the last name
 * kept only moves towards its beginning: so what is kept is exact, in whatever order the events come.
 */
export function countType(events: Counts, type: string, count = 1): void {
  events[type] = (events[type] ?? 0) + count
  if (events[type] !== count || !type.startsWith('custom.') || type === OTHER_CUSTOM_TYPES) return
  const names = Object.keys(events).filter(
    (name) => name.startsWith('custom.') && name !== OTHER_CUSTOM_TYPES,
  )
  if (names.length <= MAX_CUSTOM_TYPES) return
  const last = names.sort().at(-1)!
  events[OTHER_CUSTOM_TYPES] = (events[OTHER_CUSTOM_TYPES] ?? 0) + events[last]!
  delete events[last]
}

/** One less of where it came from, one more of where it went. */
function shift(counts: Counts, move: Move | undefined): void {
  if (move === undefined || move.from === move.to) return
  if (move.from !== null) add(counts, move.from, -1)
  if (move.to !== null) add(counts, move.to, 1)
}

/** A name without any left is not kept. */
export function add(counts: Counts, name: string, change: number): void {
  const count = (counts[name] ?? 0) + change
  if (count === 0) delete counts[name]
  else counts[name] = count
}
