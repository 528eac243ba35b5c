import { type Static, Type } from 'typebox'

export const HOUR_MS = 3_600_000
export const DAY_MS = 24 * HOUR_MS
export const DEFAULT_PERIOD_DAYS = 30
/** The longest period that one question may span. */
export const MAX_PERIOD_DAYS = 3_660
/** Names of the shop's own (`custom.`) that one period lists; those behind them in the alphabet are summed up. */
export const MAX_CUSTOM_TYPES = 50
export const OTHER_CUSTOM_TYPES = 'custom.*'

const WholeHour = Type.String({
  pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:00(:00(\\.0{1,3})?)?Z$',
  maxLength: 24,
  description: 'A whole hour in UTC, as 2026-11-23T10:00:00Z',
})

export const StatsQuery = Type.Object(
  { from: Type.Optional(WholeHour), to: Type.Optional(WholeHour) },
  { additionalProperties: false },
)
export type StatsQuery = Static<typeof StatsQuery>

const Time = Type.String({ format: 'date-time' })
const CountsView = Type.Record(Type.String(), Type.Integer())

const figures = {
  from: Time,
  to: Time,
  revenue: Type.Array(
    Type.Object({
      currency: Type.String(),
      amount: Type.Integer({ description: 'Minor units' }),
      orders: Type.Integer(),
      average_order_value: Type.Integer({ description: 'Minor units, rounded' }),
    }),
    { description: 'Orders made in the period that reached confirmed and are not cancelled, by currency' },
  ),
  refunds: Type.Array(
    Type.Object({
      currency: Type.String(),
      amount: Type.Integer({ description: 'Minor units' }),
      count: Type.Integer(),
    }),
    { description: 'What was given back in the period, by currency; not taken off the revenue' },
  ),
  orders: Type.Object({ total: Type.Integer(), by_status: CountsView }),
  events: Type.Object({ total: Type.Integer(), by_type: CountsView }),
}

export const StatsView = Type.Object({
  ...figures,
  as_of: Type.Union([Time, Type.Null()], { description: 'Time of the newest event counted' }),
  users: Type.Object({
    total: Type.Integer(),
    new: Type.Integer({ description: 'Customers who registered in the period' }),
    by_role: CountsView,
  }),
  products: Type.Object({
    total: Type.Integer(),
    active: Type.Integer(),
    low_stock: Type.Integer({ description: 'SKUs below their threshold' }),
  }),
  previous: Type.Object(
    { ...figures, users: Type.Object({ new: Type.Integer() }) },
    { description: 'The same figures for the period of equal length before' },
  ),
})
export type StatsView = Static<typeof StatsView>
