import { type Clock, timestamp } from '../../kernel/clock.ts'
import { isRefusal, Refusal } from '../../kernel/errors.ts'
import type { Logger } from '../../kernel/logger.ts'
import { type Periodic, periodically } from '../../kernel/periodic.ts'
import type { UserPrincipal } from '../../kernel/principal.ts'
import type { Orders } from '../orders/orders.ts'
import type { User, UserView } from '../users/schema.ts'
import type { Users } from '../users/users.ts'
import { isSettled, pauseOf } from './rules.ts'
import { FILES, MAX_PAUSE_MS, type PersonalPart, type PersonalParts } from './schema.ts'

export interface PersonsNeeds {
  users: Pick<Users, 'get' | 'erasing'>
  orders: Pick<Orders['persons'], 'demandDone'>
  /** Whatever keeps something of people. */
  parts: PersonalParts
  /** Lets this process forget the sessions that an account had, before the answer. */
  signOut(user_id: string): Promise<void>
  /** Overwrites what was removed in the files of the storage. */
  scrub(): Promise<void>
  clock: Clock
  logger: Logger
}

/** How long a look that is due may wait, also for one that another node has left. */
const LOOK_EVERY_MS = 5_000

export type Persons = ReturnType<typeof createPersons>

/**
 * Whom the shop knows, and how it comes to know nothing of them. Erasing is a process with the user's document as coordinator:
 * `erasing` ends every session and takes name and e-mail at once, each part then forgets the person, and after a second look
 * through all of them it is `erased`. Every step may be repeated. The looks are made beside the requests, by a worker of their own:
 * they go through much, and nobody waits for them.
 */
export function createPersons({ users, orders, parts, signOut, scrub, clock, logger }: PersonsNeeds) {
  let worker: Periodic | undefined

  /** The parts that have to be asked again. */
  async function forgetAll(user_id: string): Promise<string[]> {
    const waiting = await Promise.all(
      Object.entries(parts).map(async ([part, { forget }]) => {
        try {
          await forget?.(user_id)
          return []
        } catch (error) {
          if (!isRefusal(error, 'open_orders'))
            logger.warn({ err: error, user_id, part }, 'something of a person waits to be erased')
          return [part]
        }
      }),
    )
    return waiting.flat()
  }

  async function postpone(user: User, waits_for: string[], now = clock.now()): Promise<void> {
    await users.erasing.postpone(user, { due_at: now + pauseOf(user.erasure!, now), waits_for })
  }

  /** True when nothing is left but to overwrite what was removed; else another look is due later. */
  async function look(user: User): Promise<boolean> {
    // What is on its way now may arrive behind this look.
    const now = clock.now()
    const settled = isSettled(user.erasure!, now)
    const waits_for = await forgetAll(user.id)
    if (waits_for.length === 0 && settled) return true
    await postpone(user, waits_for, now)
    return false
  }

  /** Whether what was removed is overwritten; a scrub costs much, so one that failed is not asked for again at once. */
  async function isScrubbed(cleared: readonly User[]): Promise<boolean> {
    try {
      await scrub()
      return true
    } catch (error) {
      logger.warn({ err: error }, 'the files hold what was removed of a person; they are asked again later')
      for (const user of cleared) await postpone(user, [FILES])
      return false
    }
  }

  async function lookAtDue(): Promise<void> {
    const cleared: User[] = []
    for (const user of await users.erasing.due(MAX_PAUSE_MS)) if (await look(user)) cleared.push(user)
    if (cleared.length === 0 || !(await isScrubbed(cleared))) return
    for (const user of cleared) await users.erasing.finish(user)
  }

  async function* piecesOf({ known }: PersonalPart, user_id: string): AsyncGenerator<string> {
    const found = known!(user_id)
    if (!(Symbol.asyncIterator in found)) {
      yield JSON.stringify(await found)
      return
    }
    let between = ''
    yield '['
    for await (const one of found) {
      yield between + JSON.stringify(one)
      between = ','
    }
    yield ']'
  }

  return {
    /**
     * Erases a person; resolves as soon as the account is over, to what is left of it. Throws `not_found`, `own_account`,
     * `open_orders` naming them, and `last_super_admin`.
     */
    async erase(actor: UserPrincipal, id: string): Promise<UserView> {
      if (id === actor.id) {
        throw new Refusal(
          'conflict',
          'own_account',
          'Nobody erases the account that they are signed in with; another super_admin can.',
        )
      }
      const { status } = await users.get(id)
      if (status !== 'erasing' && status !== 'erased') await orders.demandDone(id)
      const user = await users.erasing.begin(actor.id, id)
      if (user.status === 'erasing') {
        await signOut(id).catch((error: unknown) => {
          logger.warn({ err: error, user_id: id }, 'sessions that are over are still remembered')
        })
        worker?.wake()
      }
      return users.get(id)
    },

    /** Looks at the erasures that are due, as the worker does. */
    recover: lookAtDue,

    /** From now on erasures are looked after, also those that a crash left. */
    start(): void {
      worker = periodically(LOOK_EVERY_MS, lookAtDue, (error) =>
        logger.warn({ err: error }, 'the erasure of a person waits; it is gone on with'),
      )
      worker.wake()
    },
    /** Waits for the look in hand. */
    stop: async (): Promise<void> => worker?.stop(),

    /** All that is known of a person, as the text of a JSON object in pieces. */
    exported: async function* (user_id: string): AsyncGenerator<string> {
      yield `{"exported_at":${JSON.stringify(timestamp(clock.now()))}`
      for (const [name, part] of Object.entries(parts)) {
        if (!part.known) continue
        yield `,${JSON.stringify(name)}:`
        yield* piecesOf(part, user_id)
      }
      yield '}'
    },
  }
}
