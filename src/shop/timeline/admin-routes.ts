import { Type } from 'typebox'
import type { App } from '../../http/app.ts'
import { DEFAULT_PAGE, decodeCursor, encodeCursor, PageQuery } from '../../http/paging.ts'
import { askedFor } from './rules.ts'
import { TimelineFilter, TimelinePage } from './schema.ts'
import type { Timeline } from './timeline.ts'

const querystring = Type.Object({ ...PageQuery, ...TimelineFilter }, { additionalProperties: false })

/** What happened around a visitor, a user, a session or an order. */
export function timelineAdminRoutes(app: App, { timeline }: { timeline: Timeline }): void {
  app.get(
    '/admin/events',
    {
      config: { access: 'staff', bucket: 'admin' },
      schema: {
        tags: ['admin'],
        summary: 'The events of a visitor, a user, a session or an order, newest first',
        description:
          'Of accounts, orders and payments, and of what visitors do (as long as the shop keeps that). Name one of the four.',
        querystring,
        response: { 200: TimelinePage },
      },
    },
    async ({ query: { limit = DEFAULT_PAGE, cursor, ...filter } }) => {
      const asked = askedFor(filter)
      const context = ['timeline', asked]
      const page = await timeline.list({ ...asked, limit, after: decodeCursor(cursor, context) })
      return { items: page.items, next_cursor: encodeCursor(page.next, context) }
    },
  )
}
