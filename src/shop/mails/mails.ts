import { type Clock, timestamp } from '../../kernel/clock.ts'
import { newSuffix } from '../../kernel/ids.ts'
import type { Logger } from '../../kernel/logger.ts'
import type { Mailbox, Mailer } from '../../mail/mailer.ts'
import type { Storage } from '../../storage/storage.ts'
import { createAllowances } from './allowances.ts'
import { type ComposingNeeds, createComposing } from './composing.ts'
import { createDelivering } from './delivering.ts'
import { createKeeping } from './keeping.ts'
import { mailsReaction } from './reactions.ts'
import { newMail } from './rules.ts'
import { type AskedKind, MAILS, type Mail } from './schema.ts'
import { createSending } from './sending.ts'

export interface MailsOptions extends Pick<ComposingNeeds, 'users' | 'orders' | 'linkToken' | 'base_url'> {
  storage: Pick<Storage, 'collection'>
  mailer: Mailer
  from: Mailbox
  /** Whether customers are mailed about their orders. */
  order_mails: boolean
  clock: Clock
  logger: Logger
}

/** A mail that somebody asks for. */
export interface AskedMail {
  kind: AskedKind
  /** What is counted; the mail goes to the address of the account, unless `to` names another. */
  address: string
  /** Absent when the address has no account: the mail is made all the same and never sent. */
  user_id?: string
  to?: string
  /** The state of the account that the mail is for. */
  stamp?: string
}

export type Mails = ReturnType<typeof createMails>

/** No mail could be handed over for so long: the health says so. */
const AWAY_TOLERATED_MS = 15_000
/** A stop waits so long for handovers in hand. */
const STOP_GRACE_MS = 3_000

/** Mails: made once for what they are about, sent until somebody has taken them. */
export function createMails(options: MailsOptions) {
  const { storage, mailer, from, clock, logger } = options
  const mails = storage.collection(MAILS)
  const allowances = createAllowances({ storage, clock })
  const compose = createComposing({ ...options, shop_name: from.name || 'our shop' })
  const ending = new AbortController()
  const mayTell = (address: string) => allowances.take('told', address)
  const send = createSending({ mails, mailer, compose, mayTell, clock, logger, signal: ending.signal })
  const delivering = createDelivering({ mails, send, clock, logger })
  const keeping = createKeeping({ mails, mailer, clock })
  const host = from.address.slice(from.address.lastIndexOf('@') + 1)

  /** One that is there already stays as it is. */
  async function insert(wanted: readonly Parameters<typeof newMail>[0][]): Promise<void> {
    const now = clock.now()
    await mails.insertMany(wanted.map((mail) => newMail(mail, host, { now, at: timestamp(now) })))
    delivering.wake()
  }

  /** As far as 10,000. */
  const waiting = async () => (await mails.count({ index: 'due' })).value

  return {
    reaction: mailsReaction({ insert, now: () => clock.now(), order_mails: options.order_mails }),

    /**
     * Mails that somebody asked for, together or not at all: not when an address had its share of the hour, which nobody is told.
     * Does the same work whether there is an account or not.
     */
    async ask(asked: readonly AskedMail[]): Promise<void> {
      for (const { kind, address } of asked) if (!(await allowances.take(kind, address))) return
      await insert(asked.map(({ address: _, ...mail }) => ({ ...mail, subject: newSuffix(clock.now()) })))
    },

    /** Mails that will never be sent, newest first. */
    async failed(limit: number): Promise<Mail[]> {
      return (await mails.list({ index: 'attention', order: 'desc', limit })).items
    },

    /** How many wait. */
    waiting,

    /** Rejects with a sentence when mails cannot be handed over for a while. */
    async check(): Promise<void> {
      const away = delivering.away()
      if (!away || clock.now() - away.since <= AWAY_TOLERATED_MS) return
      if ((await waiting()) > 0) throw new Error(`mails wait since ${timestamp(away.since)}: ${away.reason}`)
    },

    forget: keeping.forget,
    known: keeping.known,
    deliverDue: delivering.deliverDue,

    async sweep(): Promise<void> {
      await Promise.all([keeping.sweep(), allowances.sweep()])
    },

    start: delivering.start,

    async stop(): Promise<void> {
      const timer = setTimeout(() => ending.abort(), STOP_GRACE_MS)
      await delivering.stop()
      clearTimeout(timer)
    },
  }
}
