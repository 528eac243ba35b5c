import type { SendMailOptions } from 'nodemailer'
import type { Mailbox, OutgoingMail } from './mailer.ts'

/** A mail as nodemailer takes it. Nothing of it is fetched from files or addresses, whatever it says. */
export function messageOf(mail: OutgoingMail, from: Mailbox): SendMailOptions {
  const { message_id, to, subject, text, html, date } = mail
  return {
    messageId: message_id,
    date: new Date(date),
    from,
    to: { name: '', address: to },
    subject,
    text,
    html,
    // RFC 3834: nobody's absence is told to a machine.
    headers: { 'Auto-Submitted': 'auto-generated' },
    disableFileAccess: true,
    disableUrlAccess: true,
  }
}
