import { Type } from 'typebox'
import type { App } from '../../http/app.ts'
import { DEFAULT_PAGE, decodeCursor, encodeCursor, PageQuery } from '../../http/paging.ts'
import type { LowStockDesk } from './low-stock.ts'
import { LowStockPage } from './low-stock-schema.ts'

const CONTEXT = ['low-stock']

/** What has to be ordered next. */
export function lowStockAdminRoutes(app: App, { lowStock }: { lowStock: LowStockDesk }): void {
  app.get(
    '/admin/low-stock',
    {
      config: { access: 'staff', bucket: 'admin' },
      schema: {
        tags: ['admin'],
        summary: 'SKUs of which fewer are available than their threshold, the most urgent first',
        description:
          'Sold out before all others, of those with the highest threshold first; then by the share of the threshold that is left. `POST /products/{id}/stock` sets the threshold of a SKU.',
        querystring: Type.Object({ ...PageQuery }, { additionalProperties: false }),
        response: { 200: LowStockPage },
      },
    },
    async ({ query: { limit = DEFAULT_PAGE, cursor } }) => {
      const page = await lowStock.list({ limit, after: decodeCursor(cursor, CONTEXT) })
      return { items: page.items, next_cursor: encodeCursor(page.next, CONTEXT) }
    },
  )
}
