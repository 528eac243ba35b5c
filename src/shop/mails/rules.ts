import type { Mail, MailKind, MailOutcome, New } from './schema.ts'

const FIRST_RETRY_MS = 30_000
const LAST_RETRY_MS = 15 * 60_000
/** Tries of one mail that the server puts off; they take some three days. */
export const MAX_TRIES = 300
/** No mail is tried for longer, whatever is in its way. */
export const GIVE_UP_MS = 5 * 24 * 60 * 60 * 1_000
/** Who sends a mail keeps the others away for so long; longer than it may take. */
export const CLAIM_MS = 2 * 60_000
/** A mail waits so long before it looks whether mails can be handed over again. */
export const AWAY_MS = 60_000
/** What waits longer is from before the clock was put back. */
export const LONGEST_WAIT_MS = 2 * LAST_RETRY_MS

export interface Moment {
  now: number
  /** The same as RFC 3339. */
  at: string
}

/** A mail as it is inserted. `host` stands in its Message-ID. */
export function newMail(
  mail: Pick<Mail, 'user_id' | 'order_id' | 'amount' | 'to' | 'stamp'> & { kind: MailKind; subject: string },
  host: string,
  { now, at }: Moment,
): New<Mail> {
  const { kind, subject, ...rest } = mail
  return {
    id: `${kind}:${subject}`,
    kind,
    message_id: `<${kind}.${subject}@${host}>`,
    ...rest,
    due_at: now,
    tries: 0,
    created_at: at,
    updated_at: at,
  }
}

/** The mail in the hand of one who tries it. */
export function claimed(mail: Mail, { now, at }: Moment): Mail {
  return { ...mail, due_at: now + CLAIM_MS, tries: mail.tries + 1, updated_at: at }
}

/** The mail after a try that may go better another time; given up after the last. */
export function postponed(mail: Mail, reason: string, moment: Moment): Mail {
  const pause = Math.min(FIRST_RETRY_MS * 2 ** Math.min(mail.tries - 1, 16), LAST_RETRY_MS)
  return mail.tries >= MAX_TRIES
    ? over(mail, 'given_up', { at: moment.at, reason })
    : delayed(mail, pause, reason, moment)
}

/** The mail after a try that never came to it: that one does not count. */
export function keptBack(mail: Mail, reason: string, moment: Moment): Mail {
  return delayed({ ...mail, tries: mail.tries - 1 }, AWAY_MS, reason, moment)
}

function delayed(mail: Mail, pause_ms: number, reason: string, { now, at }: Moment): Mail {
  if (now - Date.parse(mail.created_at) > GIVE_UP_MS) return over(mail, 'given_up', { at, reason })
  return { ...mail, due_at: now + pause_ms, reason, updated_at: at }
}

/** The mail when nobody sends it any more. What was refused or given up is shown to staff, what is void is not. */
export function over(
  { due_at: _, reason: __, ...mail }: Mail,
  outcome: MailOutcome,
  { at, reason }: { at: string; reason?: string },
): Mail {
  return {
    ...mail,
    outcome,
    updated_at: at,
    ...(outcome === 'sent' && { sent_at: at }),
    ...(reason !== undefined && { reason }),
    ...((outcome === 'refused' || outcome === 'given_up') && { attention_at: at }),
  }
}
