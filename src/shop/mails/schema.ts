import type { CollectionDefinition, Stored } from '../../storage/storage.ts'

export type { New } from '../../storage/storage.ts'

/** Mails that follow from what the log tells; each is sent once for its subject. */
export const TOLD_KINDS = [
  'welcome',
  'password_changed',
  'order_confirmed',
  'order_shipped',
  'order_cancelled',
  'order_refunded',
] as const
/** Mails that follow from what a person asked for. */
export const ASKED_KINDS = [
  'password_reset',
  'email_verification',
  /** To the new address. */
  'email_change',
  /** To the address so far. */
  'email_change_notice',
  /** To the address that it was. */
  'email_changed',
] as const

export type ToldKind = (typeof TOLD_KINDS)[number]
export type AskedKind = (typeof ASKED_KINDS)[number]
export type MailKind = ToldKind | AskedKind

/** What a link in a mail lets its reader do, and nothing else. */
export type LinkPurpose = 'reset' | 'verify' | 'change'

/** What became of a mail that nobody sends any more. */
export type MailOutcome =
  | 'sent'
  /** The server will never take it. */
  | 'refused'
  /** It was tried too often. */
  | 'given_up'
  /** What it would say is no longer so, or there is nobody to say it to. */
  | 'void'

/** Told facts older than this are not mailed any more: a log that is read again from its beginning must not mail years. */
export const MAX_NEWS_AGE_MS = 3 * 24 * 60 * 60 * 1_000
/** How long a mail is remembered, so that what told of it may be read again; by far longer than news is told. */
export const MAIL_KEPT_MS = 30 * 24 * 60 * 60 * 1_000
/** Of one kind to one address, asked for by whoever. */
export const MAX_ASKED_AN_HOUR = 3
/** To an address that nobody has confirmed as theirs, of what the log tells: it may be a stranger's. */
export const MAX_TOLD_AN_HOUR = 6

/**
 * A mail: one for each kind and subject, which its id is made of, inserted with its Message-ID before it is sent. It holds no
 * words: they are put together when it is sent.
 */
export interface Mail extends Stored {
  kind: MailKind
  /** With its angle brackets. */
  message_id: string
  /** Absent where somebody asked for an address without an account: such a mail is never sent. */
  user_id?: string
  order_id?: string
  /** What was given back, in minor units. */
  amount?: { amount: number; currency: string }
  /** Where it goes, if not to the address of the account. */
  to?: string
  /** Of the account when the mail was asked for; a link for another state of it is not sent. */
  stamp?: string
  /** Milliseconds, there until it is over: when it is tried next. Who tries moves it ahead first, which keeps others away. */
  due_at?: number
  tries: number
  /** There once it is counted among those to an address that nobody has confirmed: tries of it are not. */
  counted?: true
  outcome?: MailOutcome
  sent_at?: string
  /** Why it failed last. */
  reason?: string
  /** There when a human should look. */
  attention_at?: string
}

export const MAILS: CollectionDefinition<Mail> = {
  name: 'mails',
  indexes: {
    message_id: { fields: ['message_id'], unique: true },
    due: { fields: ['due_at'] },
    /** Those that wait. */
    by_order: { fields: ['order_id', 'due_at'] },
    by_user: { fields: ['user_id', 'created_at'] },
    made: { fields: ['created_at'] },
    attention: { fields: ['attention_at'] },
  },
}

/** What is counted: each kind that is asked for by itself, and all that are told together. */
export type CountedKind = AskedKind | 'told'

/** How often mails of one kind were asked for to one address, or told to it, lately. */
export interface MailAllowance extends Stored {
  /** Milliseconds of each, oldest first. */
  asked: number[]
  expires_at: number
}

export const MAIL_ALLOWANCES: CollectionDefinition<MailAllowance> = {
  name: 'mail_allowances',
  indexes: { expires: { fields: ['expires_at'] } },
}
