import type { Erasure } from '../users/schema.ts'
import { SETTLE_MS } from './schema.ts'

/** Whether whatever was on its way when the account ended has arrived; a beginning that lies ahead is from before the clock was put back. */
export function isSettled({ began_at }: Pick<Erasure, 'began_at'>, now: number): boolean {
  return Math.abs(now - began_at) >= SETTLE_MS
}
