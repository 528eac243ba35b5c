import { type Clock, timestamp } from '../../kernel/clock.ts'
import { isRefusal, Refusal } from '../../kernel/errors.ts'
import { newId } from '../../kernel/ids.ts'
import type { Role, UserPrincipal } from '../../kernel/principal.ts'
import type { Collection } from '../../storage/storage.ts'
import { type Accounts, invalid, refuseMoved } from './accounts.ts'
import { isGone } from './erasing-rules.ts'
import { cleanName, effectiveChange, mayManage, nameFaults, searchKey, withFormerRole } from './rules.ts'
import type { NewUser, Registration, User, UserChange } from './schema.ts'
import { isActiveSuperAdmin, MAX_FOLLOW_UP_MS } from './super-admin-rules.ts'
import type { SuperAdminList } from './super-admins.ts'
import { toldChanges } from './user-events.ts'

const MAX_TRIES = 3

interface ManagementOptions {
  users: Collection<User>
  accounts: Pick<Accounts, 'create'>
  superAdmins: SuperAdminList
  clock: Clock
}

/** What a super_admin does with the accounts of others. */
export function createUserManagement({ users, accounts, superAdmins, clock }: ManagementOptions) {
  async function need(id: string): Promise<User> {
    const user = await users.get(id)
    if (!user) throw new Refusal('not_found', 'not_found', 'There is no such user.')
    return user
  }

  /** The list of super_admins goes first, so that what a crash leaves can only err towards keeping one. */
  async function commit(actor: string, user: User, next: User): Promise<User> {
    const was = isActiveSuperAdmin(user)
    const becomes = isActiveSuperAdmin(next)
    const began = clock.now()
    if (!was && becomes) await superAdmins.admit(user.id)
    if (was && !becomes) await superAdmins.release(user.id)
    const now = clock.now()
    if (was !== becomes && now - began > MAX_FOLLOW_UP_MS) {
      throw new Refusal('unavailable', 'busy', 'This took too long; try again.', { retry_after_seconds: 1 })
    }
    const at = timestamp(now)
    const saved: User = { ...next, updated_at: at }
    if (user.role !== next.role) saved.role_history = withFormerRole(user, at)
    return users.replace(saved, toldChanges(user, saved, { actor, now }))
  }

  async function create(input: Registration & { role: Role; actor: string }): Promise<User> {
    const id = newId('usr', clock.now())
    if (input.role === 'super_admin') await superAdmins.admit(id)
    return accounts.create({ ...input, id })
  }

  return {
    get: need,

    async create(actor: UserPrincipal, { role = 'customer', ...input }: NewUser): Promise<User> {
      if (!mayManage(actor.role, role)) throw forbidden()
      return create({ ...input, role, actor: actor.id })
    },

    /** Makes the first super_admin in the name of the system. */
    createFirst: (input: Registration) => create({ ...input, role: 'super_admin', actor: 'system' }),

    /** Changes name, role or status; deactivating ends every session of the account. Throws `own_account`, `last_super_admin`. */
    async change(
      actor: UserPrincipal,
      id: string,
      change: UserChange,
      expected_version?: number,
    ): Promise<User> {
      for (let tries = 1; ; tries++) {
        const user = await need(id)
        if (isGone(user))
          throw new Refusal('conflict', 'user_erased', 'The person of this account was erased.')
        if (expected_version !== undefined) refuseMoved(user, expected_version)
        const wanted = effectiveChange(
          user,
          change.name === undefined ? change : { ...change, name: cleanName(change.name) },
        )
        if (Object.keys(wanted).length === 0) return user
        const errors = wanted.name === undefined ? [] : nameFaults(wanted.name)
        if (errors.length > 0) throw invalid(errors)
        const next: User = { ...user, ...wanted }
        if (!mayManage(actor.role, user.role) || !mayManage(actor.role, next.role)) throw forbidden()
        next.name_key = searchKey(next.name)
        if (wanted.status === 'deactivated') {
          if (id === actor.id) throw ownAccount()
          next.session_epoch += 1
        }
        try {
          return await commit(actor.id, user, next)
        } catch (error) {
          if (!isRefusal(error, 'version_moved') || tries === MAX_TRIES) throw error
        }
      }
    },
  }
}

function ownAccount(): Refusal {
  return new Refusal(
    'conflict',
    'own_account',
    'Nobody deactivates the account that they are signed in with; another super_admin can.',
  )
}

function forbidden(): Refusal {
  return new Refusal('forbidden', 'forbidden', 'Nobody can grant or change more than they have themselves.')
}
