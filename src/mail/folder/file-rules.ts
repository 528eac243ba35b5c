import type { OutgoingMail } from '../mailer.ts'

/** The name of a mail's file: whose it is, and its Message-ID up to the host. */
export function fileOf({ owner, message_id }: Pick<OutgoingMail, 'owner' | 'message_id'>): string {
  return `${plain(owner)}.${plain(message_id.slice(0, message_id.lastIndexOf('@')))}.eml`
}

/** The name under which it is written, until it is whole. */
export function unfinishedOf(file: string): string {
  return `${file}.part`
}

/** Whether a file holds a mail of this account, or a part of one. */
export function ownedBy(file: string, owner: string): boolean {
  return file.startsWith(`${plain(owner)}.`)
}

/** Ids and kinds as they are; whatever else could mean something to a file system goes. */
function plain(text: string): string {
  return text.replaceAll(/[^A-Za-z0-9_.-]/g, '')
}
