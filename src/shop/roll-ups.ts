import type { RollUpReaction } from '../stream/reaction.ts'
import type { ReadFrom } from '../stream/rebuild.ts'
import { statsReaction } from './analytics/reactions.ts'
import { productStatsReaction } from './catalog/reactions.ts'
import { KEPT_EVENTS_GROUP, KEPT_EVENTS_TOPICS } from './clickstream/kept-events.ts'
import { visitorsReaction } from './clickstream/reactions.ts'
import { STOCK_MOVEMENTS_GROUP, STOCK_MOVEMENTS_TOPICS } from './inventory/reactions.ts'
import { MAILS_GROUP, MAILS_TOPICS } from './mails/reactions.ts'
import { lastLogins } from './users/reactions.ts'

/** Every roll-up of the shop; `npm run rebuild` knows them by their names. */
export const ROLL_UPS: readonly RollUpReaction[] = [
  statsReaction,
  productStatsReaction,
  lastLogins,
  visitorsReaction,
]

/** Groups that may read the log again from its beginning, because what they write of an event is there once. */
export const LEDGERS: readonly ReadFrom[] = [
  { name: STOCK_MOVEMENTS_GROUP, topics: STOCK_MOVEMENTS_TOPICS },
  { name: KEPT_EVENTS_GROUP, topics: KEPT_EVENTS_TOPICS },
  { name: MAILS_GROUP, topics: MAILS_TOPICS },
]

/** Every group that reads the embedded log. */
export const CONSUMER_GROUPS: readonly string[] = [
  ...ROLL_UPS.map(({ name }) => name),
  STOCK_MOVEMENTS_GROUP,
  MAILS_GROUP,
]
