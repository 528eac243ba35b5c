import { TOPICS } from '../../kernel/event.ts'
import type { RollUpReaction } from '../../stream/reaction.ts'
import { type PeriodFigures, STATS, type TotalFigures } from './figures-schema.ts'
import { TOTALS_ID } from './period-rules.ts'
import { applyToPeriod, applyToTotals, documentsChangedBy, emptyFigures, type Figures } from './rules.ts'

/** Keeps the figures of staff: one document per hour, day and month, and one since the beginning. */
export const statsReaction: RollUpReaction<Figures> = {
  kind: 'roll-up',
  name: STATS,
  topics: TOPICS.filter((topic) => topic !== 'ecommerce-dead-letters'),
  ids: documentsChangedBy,
  empty: emptyFigures,
  apply(figures, id, event) {
    if (id === TOTALS_ID) applyToTotals(figures as TotalFigures, event)
    else applyToPeriod(figures as PeriodFigures, id, event)
  },
}
