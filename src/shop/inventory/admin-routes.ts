import { Type } from 'typebox'
import { type App, userOf } from '../../http/app.ts'
import { DEFAULT_PAGE, decodeCursor, encodeCursor, PageQuery } from '../../http/paging.ts'
import type { StockDesk } from './desk.ts'
import type { MovementPosition } from './inventory.ts'
import { StockChangeRequest, StockView } from './schema.ts'

const tags = ['stock']
const response = { 200: StockView }
const params = Type.Object({ id: Type.String({ minLength: 1, maxLength: 64, description: 'Id or slug' }) })
const querystring = Type.Object(
  { include: Type.Optional(Type.Enum(['movements'])), ...PageQuery },
  { additionalProperties: false },
)

/** The stock of a product, its changes and its ledger. */
export function inventoryAdminRoutes(app: App, { desk }: { desk: StockDesk }): void {
  app.get(
    '/products/:id/stock',
    {
      config: { access: 'staff', bucket: 'admin' },
      schema: {
        tags,
        summary: 'Stock of every SKU, with its movements if asked',
        params,
        querystring,
        response,
      },
    },
    async ({ params, query }) => {
      const product = await desk.demand(params.id)
      if (query.include === undefined) return desk.look(product).then(({ items }) => ({ items }))
      const context = ['movements', product.id]
      const after = decodeCursor<MovementPosition>(query.cursor, context)
      const { items, movements } = await desk.look(product, { limit: query.limit ?? DEFAULT_PAGE, after })
      return { items, movements: movements!.items, next_cursor: encodeCursor(movements!.next, context) }
    },
  )

  app.post(
    '/products/:id/stock',
    {
      config: { access: 'staff', bucket: 'admin', idempotent: true },
      schema: { tags, summary: 'Changes the stock of one SKU', params, body: StockChangeRequest, response },
    },
    async (request) => {
      const { items } = await desk.change({
        product: await desk.demand(request.params.id),
        request: request.body,
        operation_id: request.operationId,
        actor: userOf(request).id,
      })
      return { items }
    },
  )
}
