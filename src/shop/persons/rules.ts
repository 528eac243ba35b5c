import type { Erasure } from '../users/schema.ts'
import { MAX_PAUSE_MS, SETTLE_MS } from './schema.ts'

/** Whether whatever was on its way when the account ended has arrived; a beginning that lies ahead is from before the clock was put back. */
export function isSettled({ began_at }: Pick<Erasure, 'began_at'>, now: number): boolean {
  return Math.abs(now - began_at) >= SETTLE_MS
}

/** Milliseconds until the next look: what keeps an erasure waiting for long is asked the more seldom. */
export function pauseOf({ began_at }: Pick<Erasure, 'began_at'>, now: number): number {
  return Math.min(Math.max(Math.abs(now - began_at) / 2, SETTLE_MS), MAX_PAUSE_MS)
}
