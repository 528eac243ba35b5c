import { type Clock, timestamp } from '../../kernel/clock.ts'
import { isRefusal, Refusal } from '../../kernel/errors.ts'
import { newId } from '../../kernel/ids.ts'
import type { Logger } from '../../kernel/logger.ts'
import { insertOnce } from '../../storage/insert-once.ts'
import type { Storage } from '../../storage/storage.ts'
import type { User } from '../users/schema.ts'
import type { Users } from '../users/users.ts'
import { hashToken, isHashOf, type RefreshTokens } from './refresh-tokens.ts'
import { countRotation, isUsable, mayRepeat } from './rules.ts'
import { REFRESH_GRACE_MS, SESSIONS, type Session, type TokenPair, userLogin } from './schema.ts'
import { sealFor, unseal } from './token-sealing.ts'
import type { AccessTokens } from './tokens.ts'

const MAX_TRIES = 8
const PAGE = 100
/** Devices of one account; signing in on one more signs out the oldest. */
export const MAX_SESSIONS_PER_USER = 100

export interface SessionsOptions {
  storage: Storage
  users: Pick<Users, 'find'>
  accessTokens: AccessTokens
  refreshTokens: RefreshTokens
  ttl_seconds: number
  clock: Clock
  logger: Logger
  /** Off: a family may rotate as often as it likes. */
  rate_limits: boolean
  /** Told of each session that is over, so that nothing remembered of it lives on. */
  onEnd(session_id: string): void
}

/** Signed-in devices: one document per family of refresh tokens, every rotation one compare-and-set. */
export function createSessions(options: SessionsOptions) {
  const { storage, users, accessTokens, refreshTokens, clock, logger, onEnd } = options
  const sessions = storage.collection(SESSIONS)

  function pairOf(user: User, session_id: string, refresh_token: string): TokenPair {
    const access = accessTokens.issue({ user_id: user.id, session_id, role: user.role })
    return { ...access, refresh_token, token_type: 'bearer' }
  }

  async function end(session_id: string): Promise<void> {
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const session = await sessions.get(session_id)
      if (!session || (await sessions.remove(session.id, session.version))) return onEnd(session_id)
    }
    throw new Refusal('unavailable', 'busy', 'This session is being refreshed; try again.', {
      retry_after_seconds: 1,
    })
  }

  /** Signs out the oldest devices, so that there is room for one more beside `newest`. */
  async function makeRoom(user_id: string, newest: string): Promise<void> {
    const { items } = await sessions.list({
      index: 'user',
      equal: [user_id],
      order: 'desc',
      limit: MAX_SESSIONS_PER_USER + PAGE,
    })
    const others = items.filter((session) => session.id !== newest)
    await Promise.all(others.slice(MAX_SESSIONS_PER_USER - 1).map((session) => end(session.id)))
  }

  /** The next state of a family whose current token is shown, and what its holder gets. */
  function rotated(session: Session, user: User, token: string): { next: Session; pair: TokenPair } {
    const now = clock.now()
    const rotations = options.rate_limits ? countRotation(session.rotations, now) : session.rotations
    if (!rotations) {
      throw new Refusal('too_many', 'rate_limited', 'This session is refreshed too often.', {
        retry_after_seconds: 60,
      })
    }
    const refresh_token = refreshTokens.make(session.id)
    const pair = pairOf(user, session.id, refresh_token)
    const next: Session = {
      ...session,
      current_hash: hashToken(refresh_token),
      previous_hash: session.current_hash,
      successor: sealFor(token, JSON.stringify(pair)),
      grace_until: now + REFRESH_GRACE_MS,
      rotations,
      expires_at: now + options.ttl_seconds * 1_000,
      updated_at: timestamp(now),
    }
    return { next, pair }
  }

  /** One look at the family and at most one write; undefined when somebody else wrote in between. */
  async function tryRotation(session_id: string, token: string): Promise<TokenPair | undefined> {
    const session = await sessions.get(session_id)
    const user = session && (await users.find(session.user_id))
    const now = clock.now()
    if (!session || !user || !isUsable(session, user, now)) {
      if (session) await end(session_id)
      throw invalidToken()
    }
    if (isHashOf(token, session.current_hash)) {
      const { next, pair } = rotated(session, user, token)
      try {
        await sessions.replace(next)
        return pair
      } catch (error) {
        if (isRefusal(error, 'version_moved')) return undefined
        throw error
      }
    }
    if (isHashOf(token, session.previous_hash) && session.successor && mayRepeat(session, now)) {
      return JSON.parse(unseal(token, session.successor)) as TokenPair
    }
    // An invented token ends nothing: the id of a session is no secret.
    if (refreshTokens.isOurs(token)) {
      logger.warn({ session_id, user_id: user.id }, 'A refresh token was used twice; its session is revoked')
      await end(session_id)
    }
    throw invalidToken()
  }

  return {
    get: (id: string) => sessions.get(id),
    end,

    /** The devices of an account that are signed in, newest first. */
    async living(user: User): Promise<Session[]> {
      const limit = MAX_SESSIONS_PER_USER + PAGE
      const { items } = await sessions.list({ index: 'user', equal: [user.id], order: 'desc', limit })
      return items.filter((session) => isUsable(session, user, clock.now()))
    },

    /** Signs a device in; `as_login` also tells of it. */
    async open(
      user: User,
      { as_login, device }: { as_login: boolean; device: string },
    ): Promise<{ pair: TokenPair; session: Session }> {
      const now = clock.now()
      const id = newId('ses', now)
      const refresh_token = refreshTokens.make(id)
      const session = {
        id,
        user_id: user.id,
        user_epoch: user.session_epoch,
        current_hash: hashToken(refresh_token),
        previous_hash: null,
        successor: null,
        grace_until: 0,
        rotations: { since: now, count: 0 },
        expires_at: now + options.ttl_seconds * 1_000,
        device,
        created_at: timestamp(now),
        updated_at: timestamp(now),
      }
      const about = {
        id: newId('evt', now),
        subject: `sessions/${id}`,
        key: user.id,
        at: now,
        actor: user.id,
      }
      const events = as_login
        ? [userLogin.draft({ ...about, data: { user_id: user.id, session_id: id } })]
        : []
      const [opened] = await Promise.all([
        insertOnce(sessions, session, events),
        as_login ? makeRoom(user.id, id) : undefined,
      ])
      return { pair: pairOf(user, id, refresh_token), session: opened }
    },

    /**
     * Exchanges a refresh token for the next pair. The same token again within its grace gets the same pair,
     * later it ends the family. Throws `invalid_token`.
     */
    async rotate(token: string): Promise<TokenPair> {
      const session_id = refreshTokens.sessionOf(token)
      if (session_id === undefined) throw invalidToken()
      for (let tries = 0; tries < MAX_TRIES; tries++) {
        const pair = await tryRotation(session_id, token)
        if (pair) return pair
      }
      throw new Refusal('unavailable', 'busy', 'This session is being refreshed; try again.', {
        retry_after_seconds: 1,
      })
    },

    /** Clears away the documents of sessions that the account has ended already. */
    async clear(user_id: string): Promise<void> {
      for (;;) {
        const { items, next } = await sessions.list({ index: 'user', equal: [user_id], limit: PAGE })
        await Promise.all(items.map((session) => end(session.id)))
        if (!next) return
      }
    },

    sweep: (limit: number) => sessions.removeOlder('expires', clock.now(), limit),
  }
}

export type Sessions = ReturnType<typeof createSessions>

function invalidToken(): Refusal {
  return new Refusal('unauthenticated', 'invalid_token', 'The refresh token is not valid; sign in again.')
}
