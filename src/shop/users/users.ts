import type { Clock } from '../../kernel/clock.ts'
import { newId } from '../../kernel/ids.ts'
import type { Logger } from '../../kernel/logger.ts'
import type { Role, UserPrincipal } from '../../kernel/principal.ts'
import type { Count, Storage } from '../../storage/storage.ts'
import { createAccounts } from './accounts.ts'
import { isCommonPassword } from './common-password-rules.ts'
import { createErasing } from './erasing.ts'
import { isGone } from './erasing-rules.ts'
import { ensureFirstAdministrator, type FirstAdministrator } from './first-administrator.ts'
import { createHashLimiter } from './hash-limiter.ts'
import { createKnownPasswordSearch, type KnownPassword } from './known-password.ts'
import { createUserManagement } from './management.ts'
import { createPasswords, hashEstimateMs } from './passwords.ts'
import { createProofs } from './proofs.ts'
import { LAST_LOGINS, type LastLogin } from './reactions.ts'
import { registrationFaults } from './registration-rules.ts'
import { foldEmail, roleAt, stampOf } from './rules.ts'
import {
  MIN_PASSWORD_LENGTH,
  MIN_PASSWORD_LENGTH_PRODUCTION,
  type NewUser,
  type Registration,
  USERS,
  type User,
  type UserChange,
  type UserView,
} from './schema.ts'
import { countUsers, searchUsers, type UserFilters, type UserPosition, type UserQuery } from './search.ts'
import { createSuperAdminList } from './super-admins.ts'

export type { Gone } from './gone.ts'
export { linkNotValid } from './proofs.ts'

export interface UsersOptions {
  storage: Storage
  clock: Clock
  logger: Logger
  /** Cost of new hashes; cheaper ones are made anew at the next sign-in. */
  bcrypt_cost: number
  /** Hashes computed at once: cores - 1. */
  hash_slots: number
  /** Passwords of 10 characters that few others have, instead of 6. */
  strict_passwords: boolean
  first_administrator: FirstAdministrator
  known_password: KnownPassword
}

/** Who has an account, and what staff do with accounts. */
export function createUsers(options: UsersOptions) {
  const { storage, clock, logger, bcrypt_cost } = options
  const users = storage.collection(USERS)
  const limiter = createHashLimiter({ slots: options.hash_slots, estimate_ms: hashEstimateMs(bcrypt_cost) })
  const passwords = createPasswords({ cost: bcrypt_cost, limiter })
  const policy = options.strict_passwords
    ? { min_length: MIN_PASSWORD_LENGTH_PRODUCTION, isCommon: isCommonPassword }
    : { min_length: MIN_PASSWORD_LENGTH }
  const accounts = createAccounts({ users, passwords, policy, clock })
  const proofs = createProofs({ accounts, passwords, policy, clock })
  const superAdmins = createSuperAdminList({ storage, clock })
  const management = createUserManagement({ users, accounts, superAdmins, clock })

  /**
   * Shows what callers may see of these users. `since`: a sign-in that the consumer of events may not have counted yet.
   */
  async function viewer(ids: readonly string[]): Promise<(user: User, since?: string) => UserView> {
    const logins = await storage.rollUps.read(LAST_LOGINS, ids)
    const last = new Map(logins.map((login) => [login.id, (login.body as LastLogin).at]))
    return (user, since) => {
      const known = [last.get(user.id), since].filter((at) => typeof at === 'string')
      return viewOf(user, known.sort().at(-1))
    }
  }
  const view = async (user: User) => (await viewer([user.id]))(user)

  return {
    /** The form of an e-mail under which attempts at it are counted. */
    accountKey: foldEmail,
    find: accounts.find,
    findByEmail: accounts.findByEmail,
    verified: accounts.verified,
    changePassword: accounts.changePassword,
    changeProfile: accounts.changeProfile,
    endSessions: accounts.endSessions,
    ...proofs,
    /** The state of an account that a link sent to it is for. */
    stampOf,
    /** Reads what shows a user, also before the user is known. */
    viewer: (id: string) => viewer([id]),

    /** What is wrong with a registration, whatever is wrong with it beside. */
    registrationFaults: (input: object) => registrationFaults(input, policy),

    register(input: Registration): Promise<User> {
      const id = newId('usr', clock.now())
      return accounts.create({ ...input, id, role: 'customer', actor: id })
    },

    get: async (id: string): Promise<UserView> => view(await management.get(id)),

    /** Tells what role one of these had at a time (RFC 3339); undefined for who is not there. */
    async rolesOf(ids: readonly string[]): Promise<(id: string, at: string) => Role | undefined> {
      const found = new Map((await users.getMany(ids)).map((user) => [user.id, user]))
      return (id, at) => {
        const user = found.get(id)
        return user && roleAt(user, at)
      }
    },

    async list(query: UserQuery): Promise<{ items: UserView[]; next: UserPosition | null }> {
      const page = await searchUsers(users, query)
      const show = await viewer(page.users.map((user) => user.id))
      return { items: page.users.map((user) => show(user)), next: page.next }
    },

    count: (query: UserFilters): Promise<Count> => countUsers(users, query),

    async create(actor: UserPrincipal, input: NewUser): Promise<UserView> {
      return view(await management.create(actor, input))
    },

    async change(
      actor: UserPrincipal,
      id: string,
      change: UserChange,
      expected_version?: number,
    ): Promise<UserView> {
      return view(await management.change(actor, id, change, expected_version))
    },

    /** How an account comes to be without its person. */
    erasing: createErasing({ users, superAdmins, clock }),

    /** What the shop knows of an account, for its owner; empty for one that is not there. */
    async known(id: string): Promise<Partial<UserView>> {
      const user = await users.get(id)
      return user ? view(user) : {}
    },

    ensureFirstAdministrator: () =>
      ensureFirstAdministrator(options.first_administrator, {
        users,
        createFirst: management.createFirst,
        logger,
      }),

    knownPassword: createKnownPasswordSearch(options.known_password, { users, passwords, logger }),

    /** Hashes running, waiting and done since the start. */
    hashLoad: limiter.load,
  }
}

export type Users = ReturnType<typeof createUsers>

function viewOf(user: User, last_login_at: string | undefined): UserView {
  const { id, email_verified_at = null, name, role, status, version, created_at, updated_at } = user
  return {
    id,
    email: isGone(user) ? '' : user.email,
    email_verified_at,
    name,
    role,
    status,
    last_login_at: last_login_at ?? null,
    version,
    created_at,
    updated_at,
  }
}
