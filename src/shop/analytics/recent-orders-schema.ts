import { type Static, Type } from 'typebox'
import { Money } from '../../kernel/money.ts'

export const DEFAULT_RECENT_ORDERS = 10
export const MAX_RECENT_ORDERS = 100

export const RecentOrdersQuery = Type.Object(
  {
    limit: Type.Optional(
      Type.Integer({ minimum: 1, maximum: MAX_RECENT_ORDERS, default: DEFAULT_RECENT_ORDERS }),
    ),
  },
  { additionalProperties: false },
)

/** An order as the dashboard lists it. */
export const RecentOrder = Type.Object({
  id: Type.String(),
  number: Type.String(),
  user_id: Type.String(),
  status: Type.String(),
  payment_status: Type.String(),
  payment_method: Type.String(),
  item_count: Type.Integer({ description: 'Pieces' }),
  total: Money,
  created_at: Type.String({ format: 'date-time' }),
})
export type RecentOrder = Static<typeof RecentOrder>

export const RecentOrders = Type.Object({ items: Type.Array(RecentOrder) })
