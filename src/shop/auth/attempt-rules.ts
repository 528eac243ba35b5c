import type { LoginAttempts } from './schema.ts'

/** How many attempts are free and how the delay behind them grows. */
export interface AttemptPolicy {
  /** So many attempts cost no delay. */
  free: number
  first_delay_ms: number
  max_delay_ms: number
  /** Without attempts for so long all is forgotten. */
  forget_ms: number
}

/** For one account from one network: the person who mistypes, or the one who guesses. */
export const PAIR_POLICY: AttemptPolicy = {
  free: 10,
  first_delay_ms: 30_000,
  max_delay_ms: 15 * 60_000,
  forget_ms: 60 * 60_000,
}

/** For one account from all networks that never signed in to it: slows guessing from many addresses. */
export const ACCOUNT_POLICY: AttemptPolicy = {
  free: 50,
  first_delay_ms: 1_000,
  max_delay_ms: 30_000,
  forget_ms: 60 * 60_000,
}

/** A network from which the right password came is known to the account for so long. */
export const KNOWN_NETWORK_MS = 30 * 86_400_000

/** What is remembered of the attempts. */
export type AttemptCounts = Pick<
  LoginAttempts,
  'attempts' | 'last_attempt_at' | 'blocked_until' | 'succeeded_at' | 'expires_at'
>

const NO_ATTEMPTS: AttemptCounts = {
  attempts: 0,
  last_attempt_at: 0,
  blocked_until: 0,
  succeeded_at: 0,
  expires_at: 0,
}

/** Milliseconds until the next attempt is taken; 0 for now. */
export function waitBeforeAttempt(counts: AttemptCounts | undefined, now: number): number {
  return Math.max(0, (counts?.blocked_until ?? 0) - now)
}

/**
 * The counts with one more attempt. It is counted before the password is looked at, so that many at once do
 * not all pass for the first.
 */
export function countAttempt(
  counts: AttemptCounts = NO_ATTEMPTS,
  policy: AttemptPolicy,
  now: number,
): AttemptCounts {
  const attempts = (now - counts.last_attempt_at > policy.forget_ms ? 0 : counts.attempts) + 1
  const over = attempts - policy.free
  const delay_ms =
    over < 0 ? 0 : Math.min(policy.max_delay_ms, policy.first_delay_ms * 2 ** Math.min(over, 30))
  return {
    attempts,
    last_attempt_at: now,
    blocked_until: now + delay_ms,
    succeeded_at: counts.succeeded_at,
    expires_at: Math.max(
      now + policy.forget_ms,
      counts.succeeded_at + (counts.succeeded_at && KNOWN_NETWORK_MS),
    ),
  }
}

/** The counts after the right password. */
export function countSuccess(now: number): AttemptCounts {
  return { ...NO_ATTEMPTS, succeeded_at: now, expires_at: now + KNOWN_NETWORK_MS }
}

/** Whether the right password came from this network not long ago. */
export function isKnownNetwork(counts: AttemptCounts | undefined, now: number): boolean {
  return counts !== undefined && counts.succeeded_at > 0 && now - counts.succeeded_at < KNOWN_NETWORK_MS
}
