import type { Clock } from '../../kernel/clock.ts'
import { timestamp } from '../../kernel/clock.ts'
import { isRefusal, Refusal } from '../../kernel/errors.ts'
import type { Storage } from '../../storage/storage.ts'
import { SUPER_ADMINS, SUPER_ADMINS_ID, type SuperAdminEntry, type SuperAdmins, USERS } from './schema.ts'
import {
  isActiveSuperAdmin,
  settleSuperAdmins,
  withoutSuperAdmin,
  withSuperAdmin,
} from './super-admin-rules.ts'

const MAX_SUPER_ADMINS = 1_000
const MAX_TRIES = 8

/**
 * The list of super_admins, changed by compare-and-set before a user's own document is. Two who demote each
 * other at once meet here, and one of them finds that nobody would remain.
 */
export function createSuperAdminList({ storage, clock }: { storage: Storage; clock: Clock }) {
  const lists = storage.collection(SUPER_ADMINS)
  const users = storage.collection(USERS)

  async function trulyActive(entries: readonly SuperAdminEntry[]): Promise<Set<string>> {
    const found = await users.getMany(entries.map((entry) => entry.user_id))
    return new Set(found.filter(isActiveSuperAdmin).map((user) => user.id))
  }

  async function write(
    list: SuperAdmins | undefined,
    entries: SuperAdminEntry[],
    now: number,
  ): Promise<boolean> {
    const at = timestamp(now)
    try {
      if (list) await lists.replace({ ...list, entries, updated_at: at })
      else await lists.insert({ id: SUPER_ADMINS_ID, entries, created_at: at, updated_at: at })
      return true
    } catch (error) {
      if (isRefusal(error, 'version_moved') || isRefusal(error, 'duplicate')) return false
      throw error
    }
  }

  async function change(
    decide: (entries: SuperAdminEntry[], active: Set<string>, now: number) => SuperAdminEntry[] | undefined,
  ): Promise<void> {
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const now = clock.now()
      const list = await lists.get(SUPER_ADMINS_ID)
      const active = await trulyActive(list?.entries ?? [])
      const entries = decide(settleSuperAdmins(list?.entries ?? [], active, now), active, now)
      if (!entries) {
        throw new Refusal(
          'conflict',
          'last_super_admin',
          'The last super_admin cannot be demoted, deactivated or erased.',
        )
      }
      if (entries.length > MAX_SUPER_ADMINS) {
        throw new Refusal(
          'conflict',
          'too_many_super_admins',
          `There can be ${MAX_SUPER_ADMINS} super_admins at most.`,
        )
      }
      if (await write(list, entries, now)) return
    }
    throw new Refusal('unavailable', 'busy', 'Others are changing roles right now; try again.', {
      retry_after_seconds: 1,
    })
  }

  return {
    /** Before somebody becomes an active super_admin. */
    admit: (user_id: string) => change((entries, _active, now) => withSuperAdmin(entries, user_id, now)),
    /** Before somebody ceases to be one; throws `last_super_admin` when nobody would remain. */
    release: (user_id: string) =>
      change((entries, active, now) => withoutSuperAdmin(entries, active, { user_id, now })),
  }
}

export type SuperAdminList = ReturnType<typeof createSuperAdminList>
