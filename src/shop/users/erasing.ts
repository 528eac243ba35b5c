import { type Clock, timestamp } from '../../kernel/clock.ts'
import { digestOf } from '../../kernel/digest.ts'
import { isRefusal, Refusal } from '../../kernel/errors.ts'
import { CLOCK_SKEW_MS } from '../../kernel/nodes.ts'
import { pagesOf } from '../../storage/list-all.ts'
import type { Collection } from '../../storage/storage.ts'
import { erasedUser, erasingUser, isGone } from './erasing-rules.ts'
import type { Erasure, User } from './schema.ts'
import { isActiveSuperAdmin, MAX_FOLLOW_UP_MS } from './super-admin-rules.ts'
import type { SuperAdminList } from './super-admins.ts'
import { toldErased, toldErasing } from './user-events.ts'

const MAX_TRIES = 8
const PAGE = 100
/** Accounts that one pass takes up; the others have their turn at the next. */
const TAKEN_UP = 100
/** An erasure takes a minute or two. */
const LONG_MS = 60 * 60_000

export interface ErasingNeeds {
  users: Pick<Collection<User>, 'get' | 'list' | 'replace'>
  superAdmins: Pick<SuperAdminList, 'release'>
  clock: Clock
}

/** The account as the coordinator of its person's erasure: `erasing`, and `erased` when nothing is left. */
export function createErasing({ users, superAdmins, clock }: ErasingNeeds) {
  async function replaced(
    next: User,
    events?: Parameters<typeof users.replace>[1],
  ): Promise<User | undefined> {
    try {
      return await users.replace({ ...next, updated_at: timestamp(clock.now()) }, events)
    } catch (error) {
      if (isRefusal(error, 'version_moved')) return undefined
      throw error
    }
  }

  /** Up to so many accounts on their way out. */
  async function some(limit: number, isWanted: (erasure: Erasure) => boolean): Promise<User[]> {
    const found: User[] = []
    for await (const page of pagesOf(users, { index: 'status', equal: ['erasing'], limit: PAGE })) {
      for (const user of page)
        if (user.erasure && isWanted(user.erasure) && found.push(user) === limit) return found
    }
    return found
  }

  return {
    /**
     * Takes name, e-mail and password from the account and ends every session of it, in one commit that tells of it; of one
     * that is gone it changes nothing. Throws `not_found` and `last_super_admin`.
     */
    async begin(by: string, id: string): Promise<User> {
      for (let tries = 0; tries < MAX_TRIES; tries++) {
        const began = clock.now()
        const user = await users.get(id)
        if (!user) throw new Refusal('not_found', 'not_found', 'There is no such user.')
        if (isGone(user)) return user
        // As with every change of roles the list goes first, so that a crash can only err towards keeping one.
        if (isActiveSuperAdmin(user)) await superAdmins.release(id)
        const now = clock.now()
        if (now - began > MAX_FOLLOW_UP_MS) break
        const erasure = { by, began_at: now, due_at: now, account: digestOf(user.email) }
        const events = [toldErasing(user, { actor: by, now })]
        const erasing = await replaced(erasingUser(user, erasure), events)
        if (erasing) return erasing
      }
      throw new Refusal('unavailable', 'busy', 'Others are changing this account right now; try again.', {
        retry_after_seconds: 1,
      })
    },

    /** Accounts whose erasure should be looked after now. One that lies too far ahead is from before the clock was put back. */
    async due(longest_wait_ms: number): Promise<User[]> {
      const now = clock.now()
      return some(TAKEN_UP, ({ due_at }) => due_at <= now || due_at > now + longest_wait_ms + CLOCK_SKEW_MS)
    },

    /** Accounts that have been on their way out for an hour; at most `limit`. */
    async waiting(limit: number): Promise<User[]> {
      const before = clock.now() - LONG_MS
      return some(limit, ({ began_at }) => began_at < before)
    },

    /** Another look is due at this time. Somebody else may have been first, which is as good. */
    async postpone(user: User, next: Pick<Erasure, 'due_at' | 'waits_for'>): Promise<void> {
      if (user.erasure) await replaced({ ...user, erasure: { ...user.erasure, ...next } })
    },

    /** Nothing is left: tells so. */
    async finish(user: User): Promise<void> {
      const telling = { actor: user.erasure?.by ?? 'system', now: clock.now() }
      await replaced(erasedUser(user), [toldErased(user, telling)])
    },
  }
}

export type Erasing = ReturnType<typeof createErasing>
