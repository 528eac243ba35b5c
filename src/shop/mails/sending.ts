import { type Clock, timestamp } from '../../kernel/clock.ts'
import { isRefusal } from '../../kernel/errors.ts'
import type { Logger } from '../../kernel/logger.ts'
import type { Handover, Mailer } from '../../mail/mailer.ts'
import type { Collection } from '../../storage/storage.ts'
import type { Composed } from './composing.ts'
import { claimed, keptBack, type Moment, over, postponed } from './rules.ts'
import type { Mail } from './schema.ts'
import { behind, compareTurns } from './turn-rules.ts'

export interface SendingNeeds {
  mails: Pick<Collection<Mail>, 'get' | 'list' | 'replace'>
  mailer: Pick<Mailer, 'send' | 'discard'>
  compose(mail: Mail): Promise<Composed | undefined>
  /** Takes one of what may be told this hour to an address that nobody has confirmed; false when nothing is left. */
  mayTell(address: string): Promise<boolean>
  clock: Clock
  logger: Logger
  /** Ends handovers in hand; what became of them is not known then. */
  signal: AbortSignal
}

/** A handover may take so long; then nobody knows what became of it. */
const HANDOVER_MS = 60_000
/** An order has fewer mails that wait, by far. */
const MAX_OF_AN_ORDER = 100
const NO_WORDS = 'it could not be put into words'
const TOO_MANY = 'nobody has confirmed the address, which had its share of this hour'

/** Sends one mail and notes what became of it. */
export function createSending({ mails, mailer, compose, mayTell, clock, logger, signal }: SendingNeeds) {
  const moment = (): Moment => {
    const now = clock.now()
    return { now, at: timestamp(now) }
  }

  /** Undefined when another node was faster, or the person of the mail is forgotten. */
  async function write(mail: Mail): Promise<Mail | undefined> {
    try {
      return await mails.replace(mail)
    } catch (error) {
      if (isRefusal(error, 'version_moved')) return undefined
      throw error
    }
  }

  /** A mail about the same order that is told before this one and waits still. */
  async function before(mail: Mail): Promise<Mail | undefined> {
    if (mail.order_id === undefined) return undefined
    const waiting = { index: 'by_order', equal: [mail.order_id], limit: MAX_OF_AN_ORDER }
    return (await mails.list(waiting)).items.find((other) => compareTurns(other, mail) < 0)
  }

  async function handOver(mail: Mail, { unconfirmed: _, ...words }: Composed): Promise<Handover> {
    const { message_id, user_id } = mail
    const outgoing = { message_id, owner: user_id!, date: Date.parse(mail.created_at), ...words }
    return mailer.send(outgoing, AbortSignal.any([signal, AbortSignal.timeout(HANDOVER_MS)]))
  }

  function after(mail: Mail, handover: Handover): Mail {
    const { now, at } = moment()
    if (handover.state === 'taken') return over(mail, 'sent', { at })
    const { state, reason } = handover
    if (state === 'refused') return over(mail, 'refused', { at, reason })
    return (state === 'away' ? keptBack : postponed)(mail, reason, { now, at })
  }

  /** Whoever was forgotten while the mail went out leaves no copy of it. */
  async function forgotten({ id, user_id, message_id }: Mail): Promise<void> {
    if (user_id !== undefined && !(await mails.get(id))) await mailer.discard({ owner: user_id, message_id })
  }

  /** Whatever its words failed for, the mail is tried again as often as one that the server puts off. */
  async function wordsOf(mail: Mail): Promise<Composed | 'void' | 'failed'> {
    try {
      return (await compose(mail)) ?? 'void'
    } catch (error) {
      logger.warn({ err: error, mail: mail.id }, 'a mail could not be put into words; it is tried again')
      return 'failed'
    }
  }

  /** The mail, counted if it has to be; undefined when it is one too many. */
  async function countedOf(mail: Mail, { unconfirmed, to }: Composed): Promise<Mail | undefined> {
    if (!unconfirmed || mail.counted) return mail
    return (await mayTell(to)) ? { ...mail, counted: true } : undefined
  }

  /** Ids and kinds only: an address belongs in no log. */
  function tell({ id, outcome, reason, attention_at }: Mail, handover: Handover | undefined): void {
    if (handover?.state === 'taken' && handover.file)
      logger.info({ file: handover.file }, 'a mail lies in a file, because SMTP_URL is absent')
    if (outcome === 'void' && reason !== undefined)
      logger.info({ mail: id, reason }, 'a mail is void and not sent')
    if (attention_at !== undefined)
      logger.error({ alert: 'mail_failed', mail: id, outcome, reason }, 'a mail will not be sent')
  }

  async function note(mail: Mail, handover?: Handover): Promise<Handover | undefined> {
    if (!(await write(mail))) await forgotten(mail)
    tell(mail, handover)
    return handover
  }

  /**
   * Resolves to what became of it; undefined when it was not handed over: for lack of a reader, before its turn, or because another
   * node does it.
   */
  return async function send(mail: Mail): Promise<Handover | undefined> {
    const first = await before(mail)
    if (first) {
      await write(behind(mail, first, moment()))
      return undefined
    }
    const mine = await write(claimed(mail, moment()))
    if (!mine) return undefined
    const words = await wordsOf(mine)
    if (words === 'void') return note(over(mine, 'void', moment()))
    if (words === 'failed') return note(postponed(mine, NO_WORDS, moment()))
    const counted = await countedOf(mine, words)
    if (!counted) return note(over(mine, 'void', { ...moment(), reason: TOO_MANY }))
    const handover = await handOver(counted, words)
    return note(after(counted, handover), handover)
  }
}
