import { add, countType } from './count-rules.ts'
import type { Counts, PeriodFigures, TotalFigures } from './figures-schema.ts'
import type { Period } from './period-rules.ts'
import type { StatsView } from './schema.ts'

/** The figures of several documents as one. */
export function sumFigures(parts: readonly PeriodFigures[]): PeriodFigures {
  const sum: PeriodFigures = { revenue: {}, orders: {}, new_customers: 0, events: {} }
  for (const part of parts) {
    for (const [currency, { amount, count }] of Object.entries(part.refunds ?? {})) {
      sum.refunds ??= {}
      const entry = sum.refunds[currency] ?? { amount: 0, count: 0 }
      sum.refunds[currency] = { amount: entry.amount + amount, count: entry.count + count }
    }
    for (const [currency, { amount, orders }] of Object.entries(part.revenue)) {
      const entry = sum.revenue[currency] ?? { amount: 0, orders: 0 }
      sum.revenue[currency] = { amount: entry.amount + amount, orders: entry.orders + orders }
    }
    for (const [status, count] of Object.entries(part.orders)) add(sum.orders, status, count)
    for (const [type, count] of Object.entries(part.events)) countType(sum.events, type, count)
    sum.new_customers += part.new_customers
  }
  return sum
}

export interface StatsParts {
  period: Period
  current: PeriodFigures
  before: Period
  previous: PeriodFigures
  totals: TotalFigures
  /** Without a period in the question the orders are those of all time. */
  ordersOfAllTime: boolean
}

/** The answer of GET /admin/stats. */
export function statsView(parts: StatsParts): StatsView {
  const { period, current, before, previous, totals } = parts
  return {
    ...periodView(period, current),
    ...(parts.ordersOfAllTime && { orders: ordersView(totals.orders) }),
    as_of: totals.as_of,
    users: { total: total(totals.users), new: current.new_customers, by_role: totals.users },
    products: {
      total: total(totals.products),
      active: totals.products.active ?? 0,
      low_stock: totals.low_stock,
    },
    previous: { ...periodView(before, previous), users: { new: previous.new_customers } },
  }
}

function periodView({ from, to }: Period, figures: PeriodFigures) {
  return {
    from: new Date(from).toISOString(),
    to: new Date(to).toISOString(),
    revenue: Object.entries(figures.revenue)
      .filter(([, { orders }]) => orders > 0)
      .map(([currency, { amount, orders }]) => ({
        currency,
        amount,
        orders,
        average_order_value: Math.round(amount / orders),
      })),
    refunds: Object.entries(figures.refunds ?? {}).map(([currency, given]) => ({ currency, ...given })),
    orders: ordersView(figures.orders),
    events: { total: total(figures.events), by_type: figures.events },
  }
}

function ordersView(by_status: Counts) {
  return { total: total(by_status), by_status }
}

function total(counts: Counts): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0)
}
