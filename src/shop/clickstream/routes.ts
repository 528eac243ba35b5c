import type { App } from '../../http/app.ts'
import type { Clickstream } from './clickstream.ts'
import { EventsAnswer, EventsBody, MAX_BODY_BYTES } from './schema.ts'

/** Where storefronts send what visitors do. */
export function clickstreamRoutes(app: App, { clickstream }: { clickstream: Clickstream }): void {
  app.post(
    '/events',
    {
      bodyLimit: MAX_BODY_BYTES,
      config: { access: 'anyone', bucket: 'events', guestSession: true, acceptsBeacons: true },
      // The schema is for the documentation; the door judges each event alone.
      validatorCompiler: () => () => true,
      schema: {
        tags: ['events'],
        summary: 'Record what a visitor did',
        body: EventsBody,
        response: { 202: EventsAnswer },
      },
    },
    async (request, reply) => {
      const answer = await clickstream.take({
        body: request.body,
        principal: request.principal,
        ip: request.address,
        user_agent: request.headers['user-agent'],
      })
      return reply.code(202).send(answer)
    },
  )
}
