import type { Handover, Mailer, OutgoingMail } from '../../src/mail/mailer.ts'

export interface TestMailer extends Mailer {
  /** What was handed over, oldest first. */
  taken: OutgoingMail[]
  /** From now on what becomes of each mail. */
  answer(handover: Handover): void
}

/** Takes every mail, or does what a test says, and keeps what it took. */
export function testMailer(): TestMailer {
  const taken: OutgoingMail[] = []
  let next: Handover = { state: 'taken' }
  return {
    name: 'test',
    taken,
    answer(handover) {
      next = handover
    },
    async send(mail) {
      if (next.state === 'taken') taken.push(mail)
      return next
    },
    async discard() {},
    close() {},
  }
}

/** The token of the link in a mail. */
export function tokenIn({ text }: Pick<OutgoingMail, 'text'>): string {
  const token = /#token=(\S+)/.exec(text)?.[1]
  if (token === undefined) throw new Error(`no link in: ${text}`)
  return token
}
