import type { User } from '../users/schema.ts'
import { MAX_ROTATIONS_PER_MINUTE, type Session, type SessionView } from './schema.ts'

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

/** A device as its owner sees it; `current` is the session that asks. */
export function sessionView(session: Session, current?: string): SessionView {
  const { id, device = 'none', created_at, updated_at, expires_at } = session
  return {
    ...{ id, device, current: id === current, created_at },
    last_used_at: updated_at,
    expires_at: new Date(expires_at).toISOString(),
  }
}
