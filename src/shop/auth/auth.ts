import type { Clock } from '../../kernel/clock.ts'
import { Refusal } from '../../kernel/errors.ts'
import { isId } from '../../kernel/ids.ts'
import type { Logger } from '../../kernel/logger.ts'
import type { GuestPrincipal, Principal, UserPrincipal } from '../../kernel/principal.ts'
import { deviceOf } from '../../kernel/user-agent.ts'
import type { Storage } from '../../storage/storage.ts'
import type { Mails } from '../mails/mails.ts'
import type { ProfileChange, Registration, User, UserView } from '../users/schema.ts'
import type { Users } from '../users/users.ts'
import type { Links } from './links.ts'
import { createLoginAttempts } from './login-attempts.ts'
import { createProving } from './proving.ts'
import { createRefreshTokens } from './refresh-tokens.ts'
import type { Credentials, PasswordChange } from './requests-schema.ts'
import { sessionView } from './rules.ts'
import type { LoginAttempts, SessionView, SignedIn, TokenPair } from './schema.ts'
import { createSessions } from './sessions.ts'
import { createStanding } from './standing.ts'
import { createAccessTokens, type TokenKeys } from './tokens.ts'

const SWEEP_LIMIT = 1_000

export interface AuthOptions {
  storage: Storage
  users: Users
  mails: Pick<Mails, 'ask'>
  links: Pick<Links, 'read'>
  clock: Clock
  logger: Logger
  keys: TokenKeys
  access_ttl_seconds: number
  refresh_ttl_seconds: number
  /** Off for benchmarks and replays: no delays after wrong passwords, no quota of refreshes. */
  rate_limits: boolean
  /** Moves the cart of the guest that signs in. */
  mergeGuest?(guest: GuestPrincipal, user: UserPrincipal): Promise<unknown>
}

/** Where a request for a session comes from. */
export interface Caller {
  principal: Principal
  /** An IPv4 address, or the /64 of an IPv6 address. */
  network: string
  user_agent?: string | undefined
}

/** Who is asking: signing up, in and out, and what a token is worth. */
export function createAuth(options: AuthOptions) {
  const { storage, users, mails, links, clock, logger, keys } = options
  const attempts = createLoginAttempts({ storage, clock, enabled: options.rate_limits })
  const accessTokens = createAccessTokens({ keys, ttl_seconds: options.access_ttl_seconds, clock })
  const sessions = createSessions({
    storage,
    users,
    accessTokens,
    refreshTokens: createRefreshTokens(keys),
    ttl_seconds: options.refresh_ttl_seconds,
    clock,
    logger,
    rate_limits: options.rate_limits,
    onEnd: (session_id) => standing.forget(session_id),
  })
  const standing = createStanding({ findSession: sessions.get, users, clock })
  const proving = createProving({ users, mails, links, attempts, sessions })

  async function signIn(
    user: User,
    { principal, network, user_agent }: Caller,
    { as_login, admitted }: { as_login: boolean; admitted?: LoginAttempts | undefined },
  ): Promise<SignedIn> {
    const [{ pair, session }, show] = await Promise.all([
      sessions.open(user, { as_login, device: deviceOf(user_agent) }),
      users.viewer(user.id),
      attempts.succeed({ email: user.email, network }, admitted),
    ])
    if (principal.kind === 'guest' && options.mergeGuest) {
      const signedIn: UserPrincipal = { kind: 'user', id: user.id, role: user.role, session_id: session.id }
      // The merge is finished by recovery when it breaks off; the person is signed in either way.
      await options.mergeGuest(principal, signedIn).catch((error: unknown) => {
        logger.error({ err: error, user_id: user.id }, 'The cart of a guest could not be merged at sign-in')
      })
    }
    return { user: show(user, session.created_at), ...pair }
  }

  /** Ends every session of the account; one commit decides it, the documents are cleared away behind it. */
  async function logoutAll({ id }: UserPrincipal): Promise<void> {
    await users.endSessions(id)
    await sessions.clear(id)
  }

  return {
    registrationFaults: users.registrationFaults,

    async register(input: Registration, caller: Caller): Promise<SignedIn> {
      return signIn(await users.register(input), caller, { as_login: false })
    },

    /** Throws `invalid_credentials` for a wrong e-mail and a wrong password alike. */
    async login({ email, password }: Credentials, caller: Caller): Promise<SignedIn> {
      const [admitted, found] = await Promise.all([
        attempts.admit({ email: users.accountKey(email), network: caller.network }),
        users.findByEmail(email),
      ])
      const user = await users.verified(found, password)
      if (!user)
        throw new Refusal('unauthenticated', 'invalid_credentials', 'E-mail or password is not right.')
      if (user.status !== 'active')
        throw new Refusal('forbidden', 'account_deactivated', 'This account is deactivated.')
      return signIn(user, caller, { as_login: true, admitted })
    },

    refresh: (refresh_token: string): Promise<TokenPair> => sessions.rotate(refresh_token),

    logout: ({ session_id }: UserPrincipal): Promise<void> => sessions.end(session_id),

    logoutAll,

    /** The devices that are signed in to the own account, newest first. */
    async devices(principal: UserPrincipal): Promise<SessionView[]> {
      const living = await sessions.living(await ownUser(principal))
      return living.map((session) => sessionView(session, principal.session_id))
    },

    /** Signs a device out. Throws `not_found` for one that is not the caller's. */
    async endDevice(principal: UserPrincipal, id: string): Promise<void> {
      const session = isId(id, 'ses') ? await sessions.get(id) : undefined
      if (session?.user_id !== principal.id)
        throw new Refusal('not_found', 'not_found', 'There is no such session.')
      await sessions.end(id)
    },

    /** The devices of a person, for who asks what is known of them. */
    async known(user_id: string): Promise<SessionView[]> {
      const user = await users.find(user_id)
      return user ? (await sessions.living(user)).map((session) => sessionView(session)) : []
    },

    /** Removes what is kept of a person who is being erased: sessions, and what was counted at the e-mail. */
    async forget(user_id: string): Promise<void> {
      await sessions.clear(user_id)
      const user = await users.find(user_id)
      if (user?.erasure?.account) await attempts.forget(user.erasure.account)
    },

    me: (principal: UserPrincipal): Promise<UserView> => ownView(principal),

    async changeMe(
      principal: UserPrincipal,
      change: ProfileChange,
      expected_version?: number,
    ): Promise<UserView> {
      await users.changeProfile(principal.id, change, expected_version)
      return ownView(principal)
    },

    /** A new password ends all sessions, this one included, and opens one for who changed it. */
    async changePassword(
      principal: UserPrincipal,
      change: PasswordChange,
      caller: Omit<Caller, 'principal'>,
    ): Promise<SignedIn> {
      const { email } = await ownUser(principal)
      const admitted = await attempts.admit({ email, network: caller.network })
      const passwords = { current: change.current_password, next: change.new_password }
      const user = await users.changePassword(principal.id, passwords)
      await sessions.clear(user.id)
      return signIn(user, { ...caller, principal }, { as_login: false, admitted })
    },

    forgotPassword: proving.forgotPassword,
    resetPassword: proving.resetPassword,
    sendVerification: proving.sendVerification,
    changeEmail: proving.changeEmail,

    async verifyEmail(principal: UserPrincipal, token: string): Promise<UserView> {
      await proving.verifyEmail(principal, token)
      return ownView(principal)
    },

    /** Who holds this access token; throws `unauthenticated`. `fresh` looks at session and user anew. */
    async authenticate(token: string, { fresh }: { fresh: boolean }): Promise<UserPrincipal> {
      return standing.of(accessTokens.verify(token), { fresh })
    },

    /** Removes sessions and counts whose time is over. */
    async sweep(): Promise<void> {
      while ((await sessions.sweep(SWEEP_LIMIT)) === SWEEP_LIMIT);
      while ((await attempts.sweep(SWEEP_LIMIT)) === SWEEP_LIMIT);
    },
  }

  async function ownUser({ id }: UserPrincipal): Promise<User> {
    const user = await users.find(id)
    if (!user) throw new Refusal('unauthenticated', 'session_over', 'This account is no longer there.')
    return user
  }

  async function ownView(principal: UserPrincipal): Promise<UserView> {
    const [user, session, show] = await Promise.all([
      ownUser(principal),
      sessions.get(principal.session_id),
      users.viewer(principal.id),
    ])
    return show(user, session?.created_at)
  }
}

export type Auth = ReturnType<typeof createAuth>
