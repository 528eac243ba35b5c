import { Refusal } from '../../kernel/errors.ts'
import { createWorkLimiter, type WorkLimiter, type WorkLimiterOptions } from '../../kernel/work-limiter.ts'

/** How long anyone may have to wait for a slot before they are better told to come back. */
export const MAX_HASH_WAIT_MS = 2_000

export type HashLimiter = WorkLimiter

type HashLimiterOptions = Pick<WorkLimiterOptions, 'slots' | 'estimate_ms'> & { max_wait_ms?: number }

/**
 * Bounds the hashes that are computed at once and those that wait; refuses with `unavailable` / `busy`. Hashing uses
 * the threads that also serve files and names, and a queue of it is invisible to anything that watches the event loop.
 */
export function createHashLimiter({
  max_wait_ms = MAX_HASH_WAIT_MS,
  ...options
}: HashLimiterOptions): HashLimiter {
  const refuse = () =>
    new Refusal('unavailable', 'busy', 'Too many sign-ins at once; try again shortly.', {
      retry_after_seconds: 1 + Math.ceil((Math.random() * max_wait_ms) / 1_000),
    })
  return createWorkLimiter({ ...options, max_wait_ms, refuse })
}
