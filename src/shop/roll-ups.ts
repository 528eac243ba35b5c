import type { RollUpReaction } from '../stream/reaction.ts'
import { statsReaction } from './analytics/reactions.ts'
import { productStatsReaction } from './catalog/reactions.ts'
import { visitorsReaction } from './clickstream/reactions.ts'
import { STOCK_MOVEMENTS_GROUP } from './inventory/reactions.ts'
import { lastLogins } from './users/reactions.ts'

/** Every roll-up of the shop; `npm run rebuild` knows them by their names. */
export const ROLL_UPS: readonly RollUpReaction[] = [
  statsReaction,
  productStatsReaction,
  lastLogins,
  visitorsReaction,
]

/** Every group that reads the log. */
export const CONSUMER_GROUPS: readonly string[] = [...ROLL_UPS.map(({ name }) => name), STOCK_MOVEMENTS_GROUP]
