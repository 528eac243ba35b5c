import { type Clock, timestamp } from '../../kernel/clock.ts'
import type { Mailer } from '../../mail/mailer.ts'
import { listAll } from '../../storage/list-all.ts'
import type { Collection, ListQuery } from '../../storage/storage.ts'
import { MAIL_KEPT_MS, type Mail } from './schema.ts'

export interface KeepingNeeds {
  mails: Pick<Collection<Mail>, 'get' | 'list' | 'remove'>
  mailer: Pick<Mailer, 'discard'>
  clock: Clock
}

/** What is known of a mail, for the person that it went to. */
export interface KnownMail {
  kind: string
  order_id: string | null
  /** Where it went, if not to the address of the account. */
  to: string | null
  created_at: string
  sent_at: string | null
}

const PAGE = 100
const PAGES_OF_A_SWEEP = 50
const MAX_TRIES = 8

/** How long mails are remembered, and by whom. */
export function createKeeping({ mails, mailer, clock }: KeepingNeeds) {
  /** Also when it is just being sent: then the sender finds nothing to note its outcome at. */
  async function remove(mail: Mail): Promise<void> {
    let newest: Mail | undefined = mail
    for (let tries = 0; newest && tries < MAX_TRIES; tries++) {
      if (await mails.remove(newest.id, newest.version)) return
      newest = await mails.get(mail.id)
    }
  }

  /** False when there may be more. */
  async function removePage(query: Omit<ListQuery, 'limit'>): Promise<boolean> {
    const { items, next } = await mails.list({ ...query, limit: PAGE })
    for (const mail of items) {
      const { user_id, message_id } = mail
      if (user_id !== undefined) await mailer.discard({ owner: user_id, message_id })
      await remove(mail)
    }
    return next === null
  }

  return {
    /** Removes every mail of a person, and the files that hold them. May be repeated. */
    async forget(user_id: string): Promise<void> {
      while (!(await removePage({ index: 'by_user', equal: [user_id] })));
      await mailer.discard({ owner: user_id })
    },

    /** Every mail of a person that is still remembered, oldest first. */
    async known(user_id: string): Promise<KnownMail[]> {
      const found = await listAll(mails, { index: 'by_user', equal: [user_id] })
      return found.map(({ kind, order_id, to, created_at, sent_at }) => ({
        ...{ kind, order_id: order_id ?? null, to: to ?? null, created_at, sent_at: sent_at ?? null },
      }))
    },

    /** Removes what was made long ago. */
    async sweep(): Promise<void> {
      const before = timestamp(clock.now() - MAIL_KEPT_MS)
      for (let page = 0; page < PAGES_OF_A_SWEEP; page++)
        if (await removePage({ index: 'made', range: { before } })) return
    },
  }
}
