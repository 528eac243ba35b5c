import { type App, userOf } from '../../http/app.ts'
import { expectedVersion, tagged } from '../../http/etag.ts'
import type { Orders } from './orders.ts'
import { OrderChange } from './requests-schema.ts'
import { OrderParams } from './routes.ts'
import { OrderView } from './view-schema.ts'

/** What staff do with orders. */
export function orderAdminRoutes(app: App, { orders }: { orders: Orders }): void {
  app.put(
    '/orders/:id',
    {
      config: { access: 'staff', bucket: 'admin', versioned: true },
      schema: {
        tags: ['orders'],
        summary: 'Move an order along its graph, note something, add the tracking',
        params: OrderParams,
        body: OrderChange,
        response: { 200: OrderView },
      },
    },
    async (request, reply) => {
      const changed = await orders.change({
        principal: userOf(request),
        id: request.params.id,
        request: request.body,
        operation: request.operationId,
        expected_version: expectedVersion(request),
      })
      return tagged(reply, changed)
    },
  )

  app.post(
    '/orders/:id/payments/cash',
    {
      config: { access: 'staff', bucket: 'admin', idempotent: true },
      schema: {
        tags: ['orders'],
        summary: 'Record the money of an order by cash on delivery',
        description: 'The whole total, once, when the order is on its way or delivered.',
        params: OrderParams,
        response: { 201: OrderView },
      },
    },
    async (request, reply) => {
      const order = await orders.recordCash({
        principal: userOf(request),
        id: request.params.id,
        operation: request.operationId,
      })
      return reply.code(201).send(tagged(reply, order))
    },
  )
}
