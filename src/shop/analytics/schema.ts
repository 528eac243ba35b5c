import { type Static, Type } from 'typebox'
import { Money } from '../../kernel/money.ts'

/** Name of the roll-up and of its consumer group. */
export const STATS = 'stats'

export const HOUR_MS = 3_600_000
export const DAY_MS = 24 * HOUR_MS
export const DEFAULT_PERIOD_DAYS = 30
/** The longest period that one question may span. */
export const MAX_PERIOD_DAYS = 3_660
/** Names of the shop's own (`custom.`) that one period lists; those behind them in the alphabet are summed up. */
export const MAX_CUSTOM_TYPES = 50
export const OTHER_CUSTOM_TYPES = 'custom.*'
export const DEFAULT_RECENT_ORDERS = 10
export const MAX_RECENT_ORDERS = 100

export type Counts = Record<string, number>

/** Body of the documents of an hour, a day and a month: what happened in it, all of it sums. */
export interface PeriodFigures {
  /** By currency: orders made in the period that are confirmed or further and not cancelled. */
  revenue: Record<string, { amount: number; orders: number }>
  /** Orders made in the period by the status they have now. */
  orders: Counts
  new_customers: number
  /** By type. */
  events: Counts
}

/** Body of the one document that counts since the beginning. */
export interface TotalFigures {
  orders: Counts
  users: Counts
  products: Counts
  low_stock: number
  /** Time of the newest event counted. */
  as_of: string | null
}

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
    low_stock: Type.Integer({ description: 'SKUs at or below their threshold' }),
  }),
  previous: Type.Object(
    { ...figures, users: Type.Object({ new: Type.Integer() }) },
    { description: 'The same figures for the period of equal length before' },
  ),
})
export type StatsView = Static<typeof StatsView>

export const RecentOrdersQuery = Type.Object(
  {
    limit: Type.Optional(
      Type.Integer({ minimum: 1, maximum: MAX_RECENT_ORDERS, default: DEFAULT_RECENT_ORDERS }),
    ),
  },
  { additionalProperties: false },
)

export const RecentOrder = Type.Object({
  id: Type.String(),
  number: Type.String(),
  user_id: Type.String(),
  status: Type.String(),
  payment_status: Type.String(),
  payment_method: Type.String(),
  item_count: Type.Integer({ description: 'Pieces' }),
  total: Money,
  created_at: Time,
})
export type RecentOrder = Static<typeof RecentOrder>

export const RecentOrders = Type.Object({ items: Type.Array(RecentOrder) })
