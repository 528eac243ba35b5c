import { Type } from 'typebox'
import type { App } from '../../http/app.ts'
import { DEFAULT_PAGE, decodeCursor, encodeCursor, PageQuery } from '../../http/paging.ts'
import type { Audit } from './audit.ts'
import { AuditFilter, AuditPage } from './schema.ts'

const querystring = Type.Object({ ...PageQuery, ...AuditFilter }, { additionalProperties: false })

/** What staff did, for a super_admin to read; there is no way to write it. */
export function auditAdminRoutes(app: App, { audit }: { audit: Audit }): void {
  app.get(
    '/admin/audit-log',
    {
      config: { access: 'super', bucket: 'admin' },
      schema: {
        tags: ['admin'],
        summary: 'What staff did, the last first',
        description:
          'Made of the events of the log, a moment behind them. Each entry carries the hash of the one before it; `npm run audit -- verify` walks the chain.',
        querystring,
        response: { 200: AuditPage },
      },
    },
    async ({ query: { limit = DEFAULT_PAGE, cursor, ...filter } }) => {
      const context = ['audit-log', filter]
      const page = await audit.list(filter, { limit, after: decodeCursor(cursor, context) })
      return { items: page.items, next_cursor: encodeCursor(page.next, context) }
    },
  )
}
