import type { CloudEvent } from '../../kernel/event.ts'

/** From one group into another: null where it was made, or is gone. */
export interface Move {
  from: string | null
  to: string | null
}

export interface OrderMove extends Move {
  to: string
  /** When the order was made: the period that it belongs to, whatever happens to it later. */
  created_at: string
  total: { amount: number; currency: string }
}

/** Where an order went, by status. */
export function orderMove(event: CloudEvent): OrderMove | undefined {
  const data = event.data as Omit<OrderMove, 'from' | 'to'> & { status: string; status_before?: string }
  switch (event.type) {
    case 'order_created':
      return { from: null, to: data.status, created_at: data.created_at, total: data.total }
    case 'order_updated':
    case 'order_cancelled':
    case 'order_returned':
      return {
        from: data.status_before ?? data.status,
        to: data.status,
        created_at: data.created_at,
        total: data.total,
      }
    default:
      return undefined
  }
}

/** Where a user went, by role. */
export function userMove(event: CloudEvent): Move | undefined {
  const data = event.data as { role: string; from: string; to: string }
  switch (event.type) {
    case 'user_registered':
      return { from: null, to: data.role }
    case 'user_role_changed':
      return { from: data.from, to: data.to }
    case 'user_erased':
      return { from: data.role, to: null }
    default:
      return undefined
  }
}

/** Where a product went, by status. */
export function productMove(event: CloudEvent): Move | undefined {
  const data = event.data as { status: string; from_status?: string }
  switch (event.type) {
    case 'product_created':
      return { from: null, to: data.status }
    case 'product_updated':
    case 'product_deleted':
      return { from: data.from_status ?? data.status, to: data.status }
    default:
      return undefined
  }
}
