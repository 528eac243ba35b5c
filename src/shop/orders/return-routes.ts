import { Type } from 'typebox'
import { type App, userOf } from '../../http/app.ts'
import type { Orders } from './orders.ts'
import { NewReturn, ReturnChange, ReturnView } from './return-requests-schema.ts'
import { OrderParams } from './routes.ts'
import { ORDER_BODY_BYTES } from './schema.ts'

const ReturnParams = Type.Object(
  { ...OrderParams.properties, return_id: Type.String({ maxLength: 64 }) },
  { additionalProperties: false },
)

/** How customers give goods back, and staff in their name. */
export function returnRoutes(app: App, { orders }: { orders: Orders }): void {
  app.post(
    '/orders/:id/returns',
    {
      bodyLimit: ORDER_BODY_BYTES,
      config: { access: 'user', bucket: 'orders', fresh: true, idempotent: true },
      schema: {
        tags: ['orders'],
        summary: 'Ask to return lines of a delivered order',
        description: 'Never more pieces than were bought, all returns that are not rejected taken together.',
        params: OrderParams,
        body: NewReturn,
        response: { 201: ReturnView },
      },
    },
    async (request, reply) => {
      const made = await orders.requestReturn({
        principal: userOf(request),
        id: request.params.id,
        request: request.body,
        operation: request.operationId,
      })
      return reply.code(201).send(made)
    },
  )
}

/** What staff decide of returns. */
export function returnAdminRoutes(app: App, { orders }: { orders: Orders }): void {
  app.put(
    '/orders/:id/returns/:return_id',
    {
      bodyLimit: ORDER_BODY_BYTES,
      config: { access: 'staff', bucket: 'admin', idempotent: true },
      schema: {
        tags: ['orders'],
        summary: 'Move a return on: approve, reject, receive its goods, give its money back',
        description:
          'Received goods are sold again or written off, by line. The return is refunded once the provider has given the money back.',
        params: ReturnParams,
        body: ReturnChange,
        response: { 200: ReturnView },
      },
    },
    async (request) =>
      orders.changeReturn({
        principal: userOf(request),
        id: request.params.id,
        return_id: request.params.return_id,
        request: request.body,
        operation: request.operationId,
      }),
  )
}
