import { type App, userOf } from '../../http/app.ts'
import type { Analytics } from './analytics.ts'
import { DEFAULT_RECENT_ORDERS, RecentOrders, RecentOrdersQuery } from './recent-orders-schema.ts'
import { StatsQuery, StatsView } from './schema.ts'

/** What staff ask of the figures. */
export function analyticsAdminRoutes(app: App, { analytics }: { analytics: Analytics }): void {
  app.get(
    '/admin/stats',
    {
      config: { access: 'staff', bucket: 'admin' },
      schema: {
        tags: ['admin'],
        summary: 'Figures of a period and of the one before',
        description:
          'Without `from` and `to`: orders, users and products of all time, the rest of the last 30 days. Both are whole hours in UTC.',
        querystring: StatsQuery,
        response: { 200: StatsView },
      },
    },
    (request) => analytics.stats(request.query),
  )

  app.get(
    '/admin/recent-orders',
    {
      config: { access: 'staff', bucket: 'admin' },
      schema: {
        tags: ['admin'],
        summary: 'The orders made last',
        querystring: RecentOrdersQuery,
        response: { 200: RecentOrders },
      },
    },
    async (request) => ({
      items: await analytics.recentOrders(userOf(request), request.query.limit ?? DEFAULT_RECENT_ORDERS),
    }),
  )
}
