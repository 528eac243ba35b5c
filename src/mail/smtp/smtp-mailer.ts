import { createTransport, type NodemailerError } from 'nodemailer'
import type { Mailbox, Mailer } from '../mailer.ts'
import { messageOf } from '../message.ts'
import { meaningOf } from './fault-rules.ts'

export interface SmtpMailerOptions {
  /** `smtps://user:password@host`, or `smtp://` for STARTTLS. */
  url: string
  from: Mailbox
}

const CONNECT_TIMEOUT_MS = 10_000
/** Without a byte from the server. */
const SILENCE_TIMEOUT_MS = 20_000

/** Hands mails to a server by SMTP, each over a connection of its own: whatever breaks, breaks one mail. */
export function createSmtpMailer({ url, from }: SmtpMailerOptions): Mailer {
  const { hostname, username } = new URL(url)
  const transport = createTransport({
    url,
    pool: false,
    logger: false,
    connectionTimeout: CONNECT_TIMEOUT_MS,
    greetingTimeout: CONNECT_TIMEOUT_MS,
    dnsTimeout: CONNECT_TIMEOUT_MS,
    socketTimeout: SILENCE_TIMEOUT_MS,
    // A password never goes over a wire that others read: without STARTTLS there is no sign-in.
    requireTLS: username !== '' && !isLoopback(hostname),
  })

  return {
    name: 'smtp',
    async send(mail, signal) {
      try {
        await transport.sendMail({ ...messageOf(mail, from), signal })
        return { state: 'taken' }
      } catch (error) {
        return meaningOf(error as NodemailerError)
      }
    },
    async discard() {},
    close: () => transport.close(),
  }
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.')
}
