import type { NodemailerError } from 'nodemailer'
import type { Handover } from '../mailer.ts'

type Fault = Pick<NodemailerError, 'code' | 'command' | 'permanent' | 'responseCode' | 'response' | 'message'>

const MAX_REASON_LENGTH = 200
/** Of what a server says. */
const MAX_LINE_READ = 2_000
/** Commands whose refusal is about the mail itself. */
const ABOUT_THE_MAIL: ReadonlySet<string | undefined> = new Set(['RCPT TO', 'DATA'])
/** Codes of faults on the way to the server, before any mail is named. */
const ON_THE_WAY: ReadonlySet<string | undefined> = new Set([
  ...['ECONNECTION', 'ETIMEDOUT', 'ESOCKET', 'EDNS', 'ETLS', 'EPROTOCOL', 'EPROXY', 'ECONFIG'],
  ...['EAUTH', 'ENOAUTH', 'EOAUTH2'],
])

/**
 * What a failed handover means (RFC 5321, 4.2.1: 5yz is for good, 4yz for now). A refusal of the recipient or the content is about the
 * mail; one of the sender (a server without SMTPUTF8 refuses there) may be about either, so it is tried again.
 */
export function meaningOf(fault: Fault): Handover {
  const reason = reasonOf(fault)
  if (fault.permanent === true && ABOUT_THE_MAIL.has(fault.command)) return { state: 'refused', reason }
  if (fault.code === 'EENVELOPE' && fault.command === 'API') return { state: 'refused', reason }
  if (ON_THE_WAY.has(fault.code)) return { state: 'away', reason }
  return { state: 'later', reason }
}

/**
 * One line for staff and logs, without addresses: servers like to repeat the one that they refuse, that of a domain with other letters
 * than ASCII in another spelling.
 */
function reasonOf({ response, message }: Fault): string {
  const line = (response ?? message).slice(0, MAX_LINE_READ).replace(/[\s\p{C}]+/gu, ' ')
  return line.replaceAll(/[^\s<>"]+@[^\s<>"]+/g, '…').slice(0, MAX_REASON_LENGTH)
}
