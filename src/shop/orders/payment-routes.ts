import { Type } from 'typebox'
import { type App, userOf } from '../../http/app.ts'
import { Refusal } from '../../kernel/errors.ts'
import type { ProviderInside } from '../../payments/provider.ts'
import type { Orders } from './orders.ts'
import { NewPayment, PaymentView } from './payment-schema.ts'
import { NewRefund, RefundView } from './refund-schema.ts'
import { OrderParams } from './routes.ts'

const closed = { additionalProperties: false } as const

const PaymentParams = Type.Object(
  { ...OrderParams.properties, payment_id: Type.String({ maxLength: 64 }) },
  closed,
)

/** How customers pay by card; the provider's token of a card comes from the provider's own form, never a card's number. */
export function paymentRoutes(app: App, { orders }: { orders: Orders }): void {
  app.post(
    '/orders/:id/payments',
    {
      config: { access: 'user', bucket: 'orders', fresh: true, idempotent: true },
      schema: {
        tags: ['orders'],
        summary: 'Pay an order by card, or look how its payment stands',
        description:
          'After a refusal another method may be tried, as long as the order is held. Where the browser has to act, ask again without a method when it is back.',
        params: OrderParams,
        body: NewPayment,
        response: { 201: PaymentView },
      },
    },
    async (request, reply) => {
      const payment = await orders.pay({
        principal: userOf(request),
        id: request.params.id,
        request: request.body,
        operation: request.operationId,
      })
      return reply
        .code(201)
        .header('location', `/orders/${payment.order_id}/payments/${payment.id}`)
        .send(payment)
    },
  )

  app.get(
    '/orders/:id/payments/:payment_id',
    {
      config: { access: 'user', bucket: 'browse' },
      schema: {
        tags: ['orders'],
        summary: 'A try to pay an order',
        params: PaymentParams,
        response: { 200: PaymentView },
      },
    },
    async (request) => orders.payment(userOf(request), request.params.id, request.params.payment_id),
  )

  app.post(
    '/orders/:id/refunds',
    {
      // Open to all who sign in, so that a foreign order is not found, as everywhere; the door asks for staff.
      config: { access: 'user', bucket: 'orders', fresh: true, idempotent: true },
      schema: {
        tags: ['orders'],
        summary: 'For staff: give money back, what is left or a part',
        description:
          'Never more than was taken, however many ask at once. Of cash it records what staff gave back by hand.',
        params: OrderParams,
        body: NewRefund,
        response: { 201: RefundView },
      },
    },
    async (request, reply) => {
      const refund = await orders.refund({
        principal: userOf(request),
        id: request.params.id,
        request: request.body,
        operation: request.operationId,
      })
      return reply.code(201).send(refund)
    },
  )
}

/** Where the test provider sends the customer's browser: saying yes or no there is all that there is to do. */
export function testActionRoutes(app: App, { act }: ProviderInside): void {
  app.post(
    '/payments/test/actions/:action',
    {
      config: { access: 'anyone', bucket: 'write' },
      schema: {
        tags: ['orders'],
        summary: 'Outside production: do what the test provider asks the browser for',
        params: Type.Object({ action: Type.String({ maxLength: 64 }) }, closed),
        body: Type.Object({ succeed: Type.Boolean() }, closed),
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      if (!act(request.params.action, request.body.succeed))
        throw new Refusal('not_found', 'not_found', 'There is nothing to do here, or it was done.')
      return reply.code(204).send(null)
    },
  )
}
