import type { Order, OrderResult } from './schema.ts'

/** What the request is answered that made the order: the order as it is at this version. */
export function placedResult({ history, updated_at, expires_at }: Order, version: number): OrderResult {
  const held = expires_at !== undefined && { expires_at }
  return { kind: 'placed', entries: history.length, version, at: updated_at, ...held }
}
