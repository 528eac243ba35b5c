import { type Static, Type } from 'typebox'
import { defineEvent } from '../../kernel/event-type.ts'
import type { CollectionDefinition, Stored } from '../../storage/storage.ts'
import { UserView } from '../users/schema.ts'

/** One signed-in device: a family of refresh tokens, each exchanged once for the next. */
export interface Session extends Stored {
  user_id: string
  /** The user's session_epoch when this device signed in. */
  user_epoch: number
  current_hash: string
  previous_hash: string | null
  /** What the previous token was exchanged for, readable only with that token; gone when its grace is over. */
  successor: string | null
  /** Milliseconds: until then the previous token gives its successor once more. */
  grace_until: number
  rotations: { since: number; count: number }
  /** Milliseconds. */
  expires_at: number
  /** Families of browser and system that signed in; absent in sessions of before devices were told. */
  device?: string
}

export const SESSIONS: CollectionDefinition<Session> = {
  name: 'sessions',
  indexes: { user: { fields: ['user_id', 'created_at'] }, expires: { fields: ['expires_at'] } },
}

/** A client that did not hear the answer of its refresh may repeat it for so long. */
export const REFRESH_GRACE_MS = 10_000
export const MAX_ROTATIONS_PER_MINUTE = 20
/** For so long a session and its user may be remembered where the answer is not about money, roles or passwords. */
export const STANDING_CACHE_MS = 5_000

/** Attempts to sign in to one account, from one network or from all that are not known to it. */
export interface LoginAttempts extends Stored {
  attempts: number
  /** Milliseconds, like all times of this document. */
  last_attempt_at: number
  blocked_until: number
  /** Which e-mail they were at, as a digest; absent in counts of before they could be found by it. */
  account?: string
  /** When the right password last came from this network; 0 for never. */
  succeeded_at: number
  expires_at: number
}

export const LOGIN_ATTEMPTS: CollectionDefinition<LoginAttempts> = {
  name: 'login_attempts',
  indexes: { expires: { fields: ['expires_at'] }, account: { fields: ['account'] } },
}

const tokenFields = {
  access_token: Type.String(),
  refresh_token: Type.String(),
  token_type: Type.Literal('bearer'),
  expires_in: Type.Integer({ description: 'Seconds that the access token lives' }),
}

export const TokenPair = Type.Object(tokenFields, { additionalProperties: false })
export type TokenPair = Static<typeof TokenPair>

export const SignedIn = Type.Object({ user: UserView, ...tokenFields }, { additionalProperties: false })
export type SignedIn = Static<typeof SignedIn>

/** A device as its owner sees it. */
export const SessionView = Type.Object(
  {
    id: Type.String(),
    device: Type.String({ description: 'Families of browser and system, as `Firefox on Windows`' }),
    current: Type.Boolean({ description: 'Whether it is the one that asks' }),
    created_at: Type.String({ format: 'date-time' }),
    last_used_at: Type.String({ format: 'date-time', description: 'When its tokens were last refreshed' }),
    expires_at: Type.String({ format: 'date-time' }),
  },
  { additionalProperties: false },
)
export type SessionView = Static<typeof SessionView>

export const SessionList = Type.Object(
  { items: Type.Array(SessionView, { description: 'Newest first' }) },
  { additionalProperties: false },
)

/** Its subject is the session: signing in changes nothing that people edit. */
export const userLogin = defineEvent(
  'user_login',
  'ecommerce-user-events',
  Type.Object({ user_id: Type.String(), session_id: Type.String() }, { additionalProperties: false }),
)

export const EVENTS = [userLogin]
