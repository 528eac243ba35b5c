import { Refusal } from '../../kernel/errors.ts'
import type { IndexValue, ListQuery, PaymentStatus } from './schema.ts'
import type { OrderStatus } from './status-schema.ts'

/** Which orders: `from` inclusive and `to` exclusive, by the time they were made. */
export interface OrderFilter {
  user_id?: string
  status?: OrderStatus
  payment_status?: PaymentStatus
  from?: string
  to?: string
}

/** The filter on the index that leaves least to look at. */
export function queryOf(filter: OrderFilter): Pick<ListQuery, 'index' | 'equal' | 'range' | 'where'> {
  const { user_id, status, payment_status } = filter
  const range = { ...time('from', filter.from), ...time('before', filter.to) }
  const where: Record<string, IndexValue> = {}
  if (payment_status) where.payment_status = payment_status
  if (user_id && status) where.status = status
  const bounds = { range, where }
  if (user_id) return { index: 'by_user', equal: [user_id], ...bounds }
  if (status) return { index: 'by_status', equal: [status], ...bounds }
  return { index: 'placed', ...bounds }
}

function time(bound: 'from' | 'before', text: string | undefined) {
  if (text === undefined) return {}
  const ms = Date.parse(text)
  if (Number.isNaN(ms))
    throw new Refusal('malformed', 'bad_time', 'A time must be RFC 3339, as 2026-01-31T00:00:00Z.')
  // Times are stored in UTC with milliseconds, so they sort as text.
  return { [bound]: new Date(ms).toISOString() }
}
