import { type Clock, timestamp } from '../../kernel/clock.ts'
import { isRefusal, Refusal } from '../../kernel/errors.ts'
import type { Role } from '../../kernel/principal.ts'
import { insertOnce } from '../../storage/insert-once.ts'
import type { Collection } from '../../storage/storage.ts'
import { isGone } from './erasing-rules.ts'
import { type PasswordPolicy, passwordFaults } from './password-rules.ts'
import type { Passwords } from './passwords.ts'
import { registrationFaults } from './registration-rules.ts'
import { cleanName, foldEmail, nameFaults, searchKey } from './rules.ts'
import type { ProfileChange, Registration, User } from './schema.ts'
import { toldProfileUpdated, toldRegistered } from './user-events.ts'

const MAX_TRIES = 8

export interface AccountsOptions {
  users: Collection<User>
  passwords: Passwords
  policy: PasswordPolicy
  clock: Clock
}

/** Accounts as their owners know them: who they are and the password that proves it. */
export function createAccounts({ users, passwords, policy, clock }: AccountsOptions) {
  async function need(id: string): Promise<User> {
    const user = await users.get(id)
    if (!user || isGone(user))
      throw new Refusal('unauthenticated', 'invalid_token', 'This account is no longer there.')
    return user
  }

  /** The account, when the password is its own; throws `wrong_password`. */
  async function proved(id: string, password: string): Promise<User> {
    const user = await need(id)
    if (await passwords.verify(password, user.password)) return user
    throw new Refusal('unauthenticated', 'wrong_password', 'The current password is not right.')
  }

  /**
   * For changes that nobody weighs against a version: the newest state is changed, whoever came in between; `change`
   * says undefined of one that has it already.
   */
  async function amend(
    user: User,
    change: (newest: User) => User | undefined,
    changed: string[] = [],
  ): Promise<User> {
    let newest = user
    for (let tries = 1; ; tries++) {
      const now = clock.now()
      const wanted = change(newest)
      if (!wanted) return newest
      const next = { ...wanted, updated_at: timestamp(now) }
      const events = changed.length > 0 ? [toldProfileUpdated(next, changed, { actor: user.id, now })] : []
      try {
        return await users.replace(next, events)
      } catch (error) {
        if (!isRefusal(error, 'version_moved') || tries === MAX_TRIES) throw error
        newest = await need(user.id)
      }
    }
  }

  return {
    proved,
    amend,
    /** Also an account whose person was erased: it has no name and no e-mail then. */
    async find(id: string): Promise<User | undefined> {
      const user = await users.get(id)
      return user && isGone(user) ? { ...user, email: '' } : user
    },
    /** Undefined for an account whose person was erased, too. */
    async findByEmail(email: string): Promise<User | undefined> {
      const user = await users.getBy('email', [foldEmail(email)])
      return user && !isGone(user) ? user : undefined
    },

    /** Makes an account under an id chosen by the caller; throws `invalid_body` with every fault, or `email_taken`. */
    async create(input: Registration & { id: string; role: Role; actor: string }): Promise<User> {
      const email = foldEmail(input.email)
      const name = cleanName(input.name)
      const errors = registrationFaults(input, policy)
      if (errors.length > 0) throw invalid(errors)
      // Asked before the hash as well, so that a taken address does not cost one.
      if (await users.getBy('email', [email])) throw emailTaken()
      const password = await passwords.hash(input.password)
      const now = clock.now()
      const at = timestamp(now)
      const { id, role, actor } = input
      try {
        return await insertOnce(
          users,
          {
            id,
            email,
            name,
            name_key: searchKey(name),
            role,
            status: 'active',
            password,
            session_epoch: 1,
            created_at: at,
            updated_at: at,
          },
          [toldRegistered({ id, role, status: 'active' }, { actor, now })],
        )
      } catch (error) {
        throw isRefusal(error, 'duplicate') ? emailTaken() : error
      }
    },

    /** The account when the password is its own, else undefined; takes as long either way, also without an account. */
    async verified(user: User | undefined, password: string): Promise<User | undefined> {
      if (!(await passwords.verify(password, user?.password)) || !user) return undefined
      if (!passwords.isOutdated(user.password)) return user
      try {
        return await users.replace({ ...user, password: await passwords.hash(password) })
      } catch (error) {
        // The next sign-in tries again; this one has proved itself all the same.
        if (isRefusal(error)) return user
        throw error
      }
    },

    /** Sets a new password against the old one and ends every session of the account. Throws `same_password`, `wrong_password`. */
    async changePassword(id: string, { current, next }: { current: string; next: string }): Promise<User> {
      const errors = passwordFaults(next, policy, '/new_password')
      if (errors.length > 0) throw invalid(errors)
      if (next.normalize() === current.normalize())
        throw new Refusal(
          'unprocessable',
          'same_password',
          'The new password is the current one; choose another.',
        )
      const user = await proved(id, current)
      const password = await passwords.hash(next)
      const known = user.password
      return amend(
        user,
        (newest) => {
          if (newest.password === password) return undefined
          if (newest.password !== known)
            throw new Refusal('conflict', 'password_changed', 'The password was just changed.')
          return { ...newest, password, session_epoch: newest.session_epoch + 1 }
        },
        ['password'],
      )
    },

    /** Changes one's own profile; `expected_version` from If-Match. */
    async changeProfile(id: string, change: ProfileChange, expected_version?: number): Promise<User> {
      const user = await need(id)
      if (expected_version !== undefined) refuseMoved(user, expected_version)
      const name = cleanName(change.name ?? user.name)
      const errors = nameFaults(name)
      if (errors.length > 0) throw invalid(errors)
      if (name === user.name) return user
      const renamed = (newest: User) => {
        if (expected_version !== undefined) refuseMoved(newest, expected_version)
        return { ...newest, name, name_key: searchKey(name) }
      }
      return amend(user, renamed, ['name'])
    },

    /** Every session of the account is over when this resolves. */
    async endSessions(id: string): Promise<User> {
      return amend(await need(id), (newest) => ({ ...newest, session_epoch: newest.session_epoch + 1 }))
    },
  }
}

export type Accounts = ReturnType<typeof createAccounts>

export function invalid(errors: ReturnType<typeof nameFaults>): Refusal {
  return new Refusal('invalid', 'invalid_body', 'The body does not fit; `errors` names each fault.', {
    errors,
  })
}

export function refuseMoved(user: User, expected_version: number): void {
  if (user.version === expected_version) return
  throw new Refusal('version_conflict', 'version_moved', 'Somebody changed this in between; read it again.')
}

export function emailTaken(): Refusal {
  return new Refusal('conflict', 'email_taken', 'There is an account with this e-mail already.')
}
