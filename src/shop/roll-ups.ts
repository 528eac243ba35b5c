import type { RollUpReaction } from '../stream/reaction.ts'
import type { ReadFrom } from '../stream/rebuild.ts'
import { statsReaction } from './analytics/reactions.ts'
import { AUDIT_GROUP } from './audit/reactions.ts'
import { AUDITED_TOPICS } from './audit/schema.ts'
import { productStatsReaction } from './catalog/reactions.ts'
import { EVENT_PLACES_GROUP, EVENT_PLACES_TOPICS } from './clickstream/event-places.ts'
import { KEPT_EVENTS_GROUP, KEPT_EVENTS_TOPICS } from './clickstream/kept-events.ts'
import { visitorsReaction } from './clickstream/reactions.ts'
import { VISITORS } from './clickstream/schema.ts'
import { DEAD_LETTERS_GROUP } from './dead-letters/dead-letters.ts'
import { DEAD_LETTERS_TOPIC } from './dead-letters/schema.ts'
import { LOW_STOCK_GROUP, LOW_STOCK_TOPICS } from './inventory/low-stock.ts'
import { STOCK_MOVEMENTS_GROUP, STOCK_MOVEMENTS_TOPICS } from './inventory/reactions.ts'
import { MAILS_GROUP, MAILS_TOPICS } from './mails/reactions.ts'
import { TOLD_EVENTS, TOLD_TOPICS } from './timeline/schema.ts'
import type { Gone } from './users/gone.ts'
import { lastLogins } from './users/reactions.ts'

/** Every roll-up of the shop; `npm run rebuild` knows them by their names. */
export const ROLL_UPS: readonly RollUpReaction[] = [
  statsReaction,
  productStatsReaction,
  lastLogins,
  visitorsReaction,
]

interface Around {
  gone: Pick<Gone, 'events'>
  /** By name, who hears of what was written, for a process that keeps something of it in memory. */
  written?: Record<string, RollUpReaction['written']>
}

/** The roll-ups for whoever counts: nothing links a visitor to a person who is gone, however late the event is read. */
export function rollUpsOf({ gone, written = {} }: Around): RollUpReaction[] {
  return ROLL_UPS.map((reaction) => {
    const heard = written[reaction.name]
    const links = reaction.name === VISITORS
    return { ...reaction, ...(heard && { written: heard }), ...(links && { voided: gone.events }) }
  })
}

/** Groups that may read the log again from its beginning, because what they write of an event is there once. */
export const LEDGERS: readonly ReadFrom[] = [
  { name: STOCK_MOVEMENTS_GROUP, topics: STOCK_MOVEMENTS_TOPICS },
  { name: KEPT_EVENTS_GROUP, topics: KEPT_EVENTS_TOPICS },
  { name: EVENT_PLACES_GROUP, topics: EVENT_PLACES_TOPICS },
  { name: LOW_STOCK_GROUP, topics: LOW_STOCK_TOPICS },
  { name: TOLD_EVENTS.name, topics: TOLD_TOPICS },
  { name: DEAD_LETTERS_GROUP, topics: [DEAD_LETTERS_TOPIC] },
  { name: AUDIT_GROUP, topics: AUDITED_TOPICS },
  { name: MAILS_GROUP, topics: MAILS_TOPICS },
]

/** Every group that reads the embedded log. */
export const CONSUMER_GROUPS: readonly string[] = [...ROLL_UPS, ...LEDGERS]
  .map(({ name }) => name)
  .filter((name) => name !== KEPT_EVENTS_GROUP)
