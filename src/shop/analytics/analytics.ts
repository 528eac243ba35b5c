import type { Clock } from '../../kernel/clock.ts'
import type { UserPrincipal } from '../../kernel/principal.ts'
import type { RollUps } from '../../storage/roll-ups.ts'
import type { Orders } from '../orders/orders.ts'
import { type PeriodFigures, STATS, type TotalFigures } from './figures-schema.ts'
import { documentsOf, periodBefore, periodOf, TOTALS_ID } from './period-rules.ts'
import type { RecentOrder } from './recent-orders-schema.ts'
import { emptyFigures } from './rules.ts'
import type { StatsQuery, StatsView } from './schema.ts'
import { statsView, sumFigures } from './view-rules.ts'

export interface AnalyticsOptions {
  rollUps: Pick<RollUps, 'read'>
  orders: Pick<Orders, 'list'>
  clock: Clock
}

export type Analytics = ReturnType<typeof createAnalytics>

/** What staff ask for in figures. Reads roll-ups by id only, whatever the length of the period. */
export function createAnalytics({ rollUps, orders, clock }: AnalyticsOptions) {
  async function figuresOf(ids: readonly string[]): Promise<PeriodFigures> {
    const documents = await rollUps.read(STATS, ids)
    return sumFigures(documents.map(({ body }) => body as PeriodFigures))
  }

  async function totals(): Promise<TotalFigures> {
    const [document] = await rollUps.read(STATS, [TOTALS_ID])
    return (document?.body ?? emptyFigures(TOTALS_ID)) as TotalFigures
  }

  return {
    /** The figures of a period and of the one before. Throws `malformed` when it is no period. */
    async stats(query: StatsQuery): Promise<StatsView> {
      const period = periodOf(query, clock.now())
      const before = periodBefore(period)
      const [current, previous, sinceEver] = await Promise.all([
        figuresOf(documentsOf(period)),
        figuresOf(documentsOf(before)),
        totals(),
      ])
      const ordersOfAllTime = query.from === undefined && query.to === undefined
      return statsView({ period, current, before, previous, totals: sinceEver, ordersOfAllTime })
    },
    /** How many SKUs are below their threshold. */
    lowStock: async (): Promise<number> => (await totals()).low_stock,
    /** The orders made last, newest first. */
    async recentOrders(staff: UserPrincipal, limit: number): Promise<RecentOrder[]> {
      const { items } = await orders.list(staff, {}, { limit })
      return items.map(({ items: lines, ...order }) => ({
        ...order,
        item_count: lines.reduce((pieces, { quantity }) => pieces + quantity, 0),
      }))
    },
  }
}
