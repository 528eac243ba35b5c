/** Where the protocol of checkout stands: docs/checkout.md. */
export type OrderStep =
  | 'PENDING'
  | 'RESERVED'
  | 'AUTHORIZING'
  | 'CONFIRMED'
  | 'CAPTURED'
  | 'COMMITTED'
  | 'CANCELLING'
  | 'CANCELLED'
  | 'REVERSING'
  | 'REVERSED'

/** Where the shop stands with the order. */
export const ORDER_STATUSES = [
  'pending',
  'confirmed',
  'processing',
  'shipped',
  'delivered',
  'cancelled',
  'returned',
] as const
export type OrderStatus = (typeof ORDER_STATUSES)[number]
