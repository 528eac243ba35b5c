import { type Clock, timestamp } from '../../kernel/clock.ts'
import { isRefusal, Refusal } from '../../kernel/errors.ts'
import type { Logger } from '../../kernel/logger.ts'
import type { UserPrincipal } from '../../kernel/principal.ts'
import type { Orders } from '../orders/orders.ts'
import type { User, UserView } from '../users/schema.ts'
import type { Users } from '../users/users.ts'
import { isSettled } from './rules.ts'
import { type PersonalPart, type PersonalParts, SETTLE_MS } from './schema.ts'

export interface PersonsNeeds {
  users: Pick<Users, 'get' | 'erasing'>
  orders: Pick<Orders['persons'], 'demandDone'>
  /** Whatever keeps something of people. */
  parts: PersonalParts
  /** Overwrites what was removed in the files of the storage. */
  scrub(): Promise<void>
  clock: Clock
  logger: Logger
}

export type Persons = ReturnType<typeof createPersons>

/**
 * Whom the shop knows, and how it comes to know nothing of them. Erasing is a process with the user's document as coordinator:
 * `erasing` ends every session and takes name and e-mail at once, each part then forgets the person, and after a second look
 * through all of them it is `erased`. Every step may be repeated; recovery goes on with what a crash left.
 */
export function createPersons({ users, orders, parts, scrub, clock, logger }: PersonsNeeds) {
  /** False when a part or the files have to be asked again. */
  async function forgetAll(user_id: string): Promise<boolean> {
    const outcomes = await Promise.allSettled(
      Object.entries(parts).map(async ([part, { forget }]) => {
        try {
          await forget?.(user_id)
        } catch (error) {
          if (!isRefusal(error, 'open_orders'))
            logger.warn({ err: error, user_id, part }, 'something of a person waits to be erased')
          throw error
        }
      }),
    )
    return outcomes.every(({ status }) => status === 'fulfilled')
  }

  /** True when nothing is left but to overwrite what was removed; else another look is due later. */
  async function look(user: User): Promise<boolean> {
    // What is on its way now may arrive behind this look.
    const settled = isSettled(user.erasure!, clock.now())
    if ((await forgetAll(user.id)) && settled) return true
    await users.erasing.postpone(user, clock.now() + SETTLE_MS)
    return false
  }

  /** What fails is logged and due again. */
  async function goOn(due: readonly User[]): Promise<void> {
    try {
      const cleared: User[] = []
      for (const user of due) if (await look(user)) cleared.push(user)
      if (cleared.length === 0) return
      await scrub()
      for (const user of cleared) await users.erasing.finish(user)
    } catch (error) {
      logger.warn({ err: error }, 'the erasure of a person waits; it is gone on with')
    }
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
     * Erases a person; resolves after the first look through everything, to what is left of the account. Throws `not_found`,
     * `own_account`, `open_orders` naming them, and `last_super_admin`.
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
      if (user.status === 'erasing') await goOn([user])
      return users.get(id)
    },

    /** Goes on with the erasures whose next look is due. */
    async recover(): Promise<void> {
      await goOn(await users.erasing.due(SETTLE_MS))
    },

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
