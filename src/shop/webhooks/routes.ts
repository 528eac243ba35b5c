import { Type } from 'typebox'
import type { App } from '../../http/app.ts'
import { MAX_WEBHOOK_BYTES } from './schema.ts'
import type { Webhooks } from './webhooks.ts'

/** Where payment providers tell what happened; its quota is the signature, and it is never turned away for load. */
export function webhookRoutes(app: App, { webhooks }: { webhooks: Webhooks }): void {
  app.post(
    '/payments/webhooks/:provider',
    {
      bodyLimit: MAX_WEBHOOK_BYTES,
      config: { access: 'anyone', bucket: 'none', ownToken: true, rawBody: true },
      schema: {
        tags: ['orders'],
        summary: 'For payment providers: tell what happened to a payment',
        description:
          'The body is what the provider signs, as JSON; its signature stands in the header of the provider. May come late, twice and in any order.',
        params: Type.Object({ provider: Type.String({ maxLength: 64 }) }, { additionalProperties: false }),
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      await webhooks.take(request.params.provider, { body: request.body as Buffer, headers: request.headers })
      return reply.code(204).send(null)
    },
  )
}
