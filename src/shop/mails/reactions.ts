import type { Topic } from '../../kernel/event.ts'
import type { AppendReaction } from '../../stream/reaction.ts'
import { type ToldMail, toldBy } from './told-rules.ts'

export const MAILS_GROUP = 'mails'
export const MAILS_TOPICS = [
  'ecommerce-user-events',
  'ecommerce-orders',
  'ecommerce-payments',
] as const satisfies readonly Topic[]

export interface MailsReactionNeeds {
  /** Inserts each mail once, however often its event is read. */
  insert(told: readonly ToldMail[]): Promise<void>
  /** Milliseconds. */
  now(): number
  /** Whether customers are mailed about their orders. */
  order_mails: boolean
}

/** Makes a mail of every event that asks for one. */
export function mailsReaction({ insert, now, order_mails }: MailsReactionNeeds): AppendReaction {
  return {
    kind: 'append',
    name: MAILS_GROUP,
    topics: MAILS_TOPICS,
    async handle(events) {
      const told = events.map((event) => toldBy(event, now())).filter((mail) => mail !== undefined)
      const wanted = order_mails ? told : told.filter(({ order_id }) => order_id === undefined)
      if (wanted.length > 0) await insert(wanted)
    },
  }
}
