import { boundedCache } from '../../kernel/bounded-cache.ts'
import type { Clock } from '../../kernel/clock.ts'
import { Refusal } from '../../kernel/errors.ts'
import type { UserPrincipal } from '../../kernel/principal.ts'
import type { Users } from '../users/users.ts'
import type { Claims } from './claim-rules.ts'
import { isUsable } from './rules.ts'
import { type Session, STANDING_CACHE_MS } from './schema.ts'

const REMEMBERED_SESSIONS = 50_000

interface StandingOptions {
  findSession(id: string): Promise<Session | undefined>
  users: Pick<Users, 'find'>
  clock: Clock
}

/** Whether the session behind a token still stands and which role its user has now. */
export function createStanding({ findSession, users, clock }: StandingOptions) {
  const remembered = boundedCache<{ principal: UserPrincipal; until: number }>(REMEMBERED_SESSIONS)

  return {
    /** `fresh` reads both documents; otherwise what was read may be up to five seconds old. */
    async of(
      { sub, sid }: Pick<Claims, 'sub' | 'sid'>,
      { fresh }: { fresh: boolean },
    ): Promise<UserPrincipal> {
      const now = clock.now()
      const known = fresh ? undefined : remembered.get(sid)
      // What was remembered before the clock was put back counts no longer than anything else.
      const left_ms = known ? known.until - now : 0
      if (known && left_ms > 0 && left_ms <= STANDING_CACHE_MS && known.principal.id === sub)
        return known.principal
      const [session, user] = await Promise.all([findSession(sid), users.find(sub)])
      if (!session || !user || !isUsable(session, user, now)) {
        remembered.delete(sid)
        throw new Refusal('unauthenticated', 'session_over', 'This session is over; sign in again.')
      }
      const principal: UserPrincipal = { kind: 'user', id: user.id, role: user.role, session_id: sid }
      remembered.set(sid, { principal, until: now + STANDING_CACHE_MS })
      return principal
    },

    forget(session_id: string): void {
      remembered.delete(session_id)
    },
  }
}
