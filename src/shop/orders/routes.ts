import { type Static, Type } from 'typebox'
import { type App, userOf } from '../../http/app.ts'
import { expectedVersion, tagged } from '../../http/etag.ts'
import { requestKey } from '../../http/idempotency-key.ts'
import { DEFAULT_PAGE, decodeCursor, encodeCursor, PageQuery } from '../../http/paging.ts'
import type { Orders } from './orders.ts'
import { NewOrder, OrderCancel } from './requests-schema.ts'
import { ORDER_BODY_BYTES, PAYMENT_STATUSES } from './schema.ts'
import { ORDER_STATUSES } from './status-schema.ts'
import { OrderPage, OrderView } from './view-schema.ts'

const closed = { additionalProperties: false } as const

export const OrderParams = Type.Object({ id: Type.String({ maxLength: 64 }) }, closed)

const OrderQuery = Type.Object(
  {
    ...PageQuery,
    status: Type.Optional(Type.Enum([...ORDER_STATUSES])),
    payment_status: Type.Optional(Type.Enum([...PAYMENT_STATUSES])),
    user_id: Type.Optional(Type.String({ maxLength: 64, description: 'For staff; customers see their own' })),
    from: Type.Optional(Type.String({ format: 'date-time', description: 'Made at or after' })),
    to: Type.Optional(Type.String({ format: 'date-time', description: 'Made before' })),
    include: Type.Optional(Type.Enum(['total'])),
  },
  closed,
)

/** What shoppers do with their orders; `GET /orders` shows staff those of all. */
export function orderRoutes(app: App, { orders }: { orders: Orders }): void {
  app.post(
    '/orders',
    {
      bodyLimit: ORDER_BODY_BYTES,
      config: { access: 'user', bucket: 'orders', fresh: true, keepsKeys: true },
      schema: {
        tags: ['orders'],
        summary: 'Order the cart, or the items given',
        description: [
          'Send an Idempotency-Key, kept for life: a repeat answers the same order, and what was refused (404, 409) is refused again;',
          'take a new key after changing anything. Without one, one state of a cart is ordered once. The cart is emptied when the order',
          'is made, also by card before it is paid. Of short stock `insufficient_stock` names each line with all that is left.',
        ].join(' '),
        body: NewOrder,
        response: { 201: OrderView },
      },
    },
    async (request, reply) => {
      const key = requestKey(request)
      const placed = await orders.place({ user: userOf(request), request: request.body, ...(key && { key }) })
      if (placed.replayed) reply.header('idempotent-replayed', 'true')
      if (placed.refusal) throw placed.refusal
      return reply
        .code(201)
        .header('location', `/orders/${placed.order.id}`)
        .send(tagged(reply, placed.order))
    },
  )

  app.get(
    '/orders',
    {
      config: { access: 'user', bucket: 'browse' },
      schema: {
        tags: ['orders'],
        summary: 'Own orders, newest first; for staff those of all',
        querystring: OrderQuery,
        response: { 200: OrderPage },
      },
    },
    async (request) => listOrders(orders, userOf(request), request.query),
  )

  app.get(
    '/orders/:id',
    {
      config: { access: 'user', bucket: 'browse' },
      schema: {
        tags: ['orders'],
        summary: 'An order with its history',
        params: OrderParams,
        response: { 200: OrderView },
      },
    },
    async (request, reply) => tagged(reply, await orders.get(userOf(request), request.params.id)),
  )

  app.post(
    '/orders/:id/cancel',
    {
      config: { access: 'user', bucket: 'orders', fresh: true, idempotent: true, versioned: true },
      schema: {
        tags: ['orders'],
        summary: 'Cancel an order and put its stock back',
        description: 'Until it is shipped.',
        params: OrderParams,
        body: Type.Union([OrderCancel, Type.Null()]),
        response: { 200: OrderView },
      },
    },
    async (request, reply) => {
      const cancelled = await orders.cancel({
        principal: userOf(request),
        id: request.params.id,
        request: request.body ?? {},
        operation: request.operationId,
        expected_version: expectedVersion(request),
      })
      return tagged(reply, cancelled)
    },
  )
}

async function listOrders(
  orders: Orders,
  principal: ReturnType<typeof userOf>,
  { limit = DEFAULT_PAGE, cursor, include, ...filter }: Static<typeof OrderQuery>,
): Promise<OrderPage> {
  const context = ['orders', principal.id, filter]
  const after = decodeCursor<{ value: string; id: string }>(cursor, context)
  const { items, next } = await orders.list(principal, filter, { limit, ...(after && { after }) })
  const total = include === 'total' && { total: await orders.count(principal, filter) }
  return { items, next_cursor: encodeCursor(next, context), ...total }
}
