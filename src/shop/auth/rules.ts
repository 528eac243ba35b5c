import { isId } from '../../kernel/ids.ts'
import type { Role } from '../../kernel/principal.ts'
import type { User } from '../users/schema.ts'
import { type LoginAttempts, MAX_ROTATIONS_PER_MINUTE, type Session } from './schema.ts'

/** What an access token says. `role` is a hint for pages; what its holder may do is looked up. */
export interface Claims {
  sub: string
  sid: string
  jti: string
  role: Role
  /** Seconds. */
  iat: number
  exp: number
}

/** Clocks of servers that share a key may differ by so much. */
export const CLOCK_SKEW_SECONDS = 60
const ROLES: ReadonlySet<unknown> = new Set(['customer', 'admin', 'super_admin'])

/** The claims of a token whose signature holds, when each of them is what this server writes; else undefined. */
export function readClaims(payload: Record<string, unknown>): Claims | undefined {
  const { sub, sid, jti, role, iat, exp, nbf } = payload
  const sound =
    typeof sub === 'string' &&
    isId(sub, 'usr') &&
    typeof sid === 'string' &&
    isId(sid, 'ses') &&
    typeof jti === 'string' &&
    jti.length > 0 &&
    ROLES.has(role) &&
    Number.isSafeInteger(iat) &&
    Number.isSafeInteger(exp) &&
    (nbf === undefined || Number.isSafeInteger(nbf))
  if (!sound) return undefined
  return {
    sub,
    sid,
    jti,
    role: role as Role,
    iat: Math.max(iat as number, (nbf as number) ?? 0),
    exp: exp as number,
  }
}

/** Whether a token is alive at `now` (milliseconds): neither over nor from the future. */
export function isAlive(claims: Pick<Claims, 'iat' | 'exp'>, now: number): boolean {
  const seconds = now / 1_000
  return seconds < claims.exp && claims.iat <= seconds + CLOCK_SKEW_SECONDS
}

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

export function isKnownNetwork(counts: AttemptCounts | undefined, now: number): boolean {
  return counts !== undefined && counts.succeeded_at > 0 && now - counts.succeeded_at < KNOWN_NETWORK_MS
}

/** The rotations of the running minute with one more, or undefined when the family has had its share. */
export function countRotation(
  rotations: Session['rotations'],
  now: number,
): Session['rotations'] | undefined {
  if (now - rotations.since >= 60_000) return { since: now, count: 1 }
  if (rotations.count >= MAX_ROTATIONS_PER_MINUTE) return undefined
  return { since: rotations.since, count: rotations.count + 1 }
}

/** Whether a session is alive for this user: not over, and not signed out by the account. */
export function isUsable(
  session: Pick<Session, 'user_id' | 'user_epoch' | 'expires_at'>,
  user: Pick<User, 'id' | 'status' | 'session_epoch'>,
  now: number,
): boolean {
  return (
    session.user_id === user.id &&
    session.user_epoch === user.session_epoch &&
    session.expires_at > now &&
    user.status === 'active'
  )
}

/** Whether the previous token still gives its successor. */
export function mayRepeat(session: Pick<Session, 'grace_until'>, now: number): boolean {
  return now < session.grace_until
}
