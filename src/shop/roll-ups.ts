import type { RollUpReaction } from '../stream/reaction.ts'
import type { ReadFrom } from '../stream/rebuild.ts'
import { statsReaction } from './analytics/reactions.ts'
import { AUDIT_GROUP } from './audit/reactions.ts'
import { AUDITED_TOPICS } from './audit/schema.ts'
import { productStatsReaction } from './catalog/reactions.ts'
import { EVENT_PLACES_GROUP, EVENT_PLACES_TOPICS } from './clickstream/event-places.ts'
import { KEPT_EVENTS_GROUP, KEPT_EVENTS_TOPICS } from './clickstream/kept-events.ts'
import { visitorsReaction } from './clickstream/reactions.ts'
import { DEAD_LETTERS_GROUP } from './dead-letters/dead-letters.ts'
import { DEAD_LETTERS_TOPIC } from './dead-letters/schema.ts'
import { LOW_STOCK_GROUP, LOW_STOCK_TOPICS } from './inventory/low-stock.ts'
import { STOCK_MOVEMENTS_GROUP, STOCK_MOVEMENTS_TOPICS } from './inventory/reactions.ts'
import { MAILS_GROUP, MAILS_TOPICS } from './mails/reactions.ts'
import { TOLD_EVENTS, TOLD_TOPICS } from './timeline/schema.ts'
import { lastLogins } from './users/reactions.ts'

/** Every roll-up of the shop; `npm run rebuild` knows them by their names. */
export const ROLL_UPS: readonly RollUpReaction[] = [
  statsReaction,
  productStatsReaction,
  lastLogins,
  visitorsReaction,
]

type Listeners = Record<string, RollUpReaction['written']>

/** The roll-ups for a process that keeps something of them in memory: by name, who hears of what it has written. */
export function rollUpsTelling(listeners: Listeners): RollUpReaction[] {
  return ROLL_UPS.map((reaction) => {
    const written = listeners[reaction.name]
    return written ? { ...reaction, written } : reaction
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
