/**
 * The mail port: what the shop needs of whoever carries its mails, and no more. A mail that was handed over without an answer is
 * handed over again under the same Message-ID, by which whoever gets it twice can tell.
 */
export interface Mailer {
  /** As logs and people call it. */
  name: string
  /** Never rejects for what may happen to a mail. Gives up, without knowing what became of the mail, when `signal` says so. */
  send(mail: OutgoingMail, signal: AbortSignal): Promise<Handover>
  /** Removes what is still kept here of one mail, or of all mails of an owner. */
  discard(of: { owner: string; message_id?: string }): Promise<void>
  close(): void
}

export interface OutgoingMail {
  /** With its angle brackets; the same for every try. */
  message_id: string
  /** Id of the account that the mail belongs to. */
  owner: string
  /** The bare address. */
  to: string
  subject: string
  text: string
  html: string
  /** Milliseconds. */
  date: number
}

/** What became of a mail. `reason` is for staff: one line, without the recipient's address. */
export type Handover =
  | { state: 'taken'; file?: string }
  /** For good: the same mail will be refused again. */
  | { state: 'refused'; reason: string }
  /** Not now, or nobody knows. */
  | { state: 'later'; reason: string }
  /** No mail can be handed over now, whichever it is. */
  | { state: 'away'; reason: string }

/** Who mails are from. */
export interface Mailbox {
  /** Empty for none. */
  name: string
  address: string
}
