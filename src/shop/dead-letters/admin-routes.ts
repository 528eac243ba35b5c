import { Type } from 'typebox'
import { type App, userOf } from '../../http/app.ts'
import { DEFAULT_PAGE, decodeCursor, encodeCursor, PageQuery } from '../../http/paging.ts'
import type { DeadLetters } from './dead-letters.ts'
import { DeadLetterPage, DeadLetterView } from './schema.ts'

const config = { access: 'super', bucket: 'admin' } as const
const tags = ['admin']
const CONTEXT = ['dead-letters']
const closed = { additionalProperties: false } as const

/** What could not be taken, and another try. */
export function deadLetterAdminRoutes(app: App, { deadLetters }: { deadLetters: DeadLetters }): void {
  app.get(
    '/admin/dead-letters',
    {
      config,
      schema: {
        tags,
        summary: 'Events that a consumer, the door or the log could not take, newest first',
        querystring: Type.Object({ ...PageQuery, include: Type.Optional(Type.Enum(['original'])) }, closed),
        response: { 200: DeadLetterPage },
      },
    },
    async ({ query: { limit = DEFAULT_PAGE, cursor, include } }) => {
      const page = await deadLetters.list({
        limit,
        after: decodeCursor(cursor, CONTEXT),
        original: include === 'original',
      })
      return { items: page.items, next_cursor: encodeCursor(page.next, CONTEXT) }
    },
  )

  app.post(
    '/admin/dead-letters/:id/retry',
    {
      config,
      schema: {
        tags,
        summary: 'Try again what the letter is about',
        description:
          'What a consumer has parked it reads on, from where it stopped; what a visitor sent goes through the door again; what Kafka refuses is offered to it again. `state` says what it came to; a consumer needs a moment.',
        params: Type.Object({ id: Type.String({ maxLength: 64 }) }, closed),
        response: { 202: DeadLetterView },
      },
    },
    async (request, reply) =>
      reply.code(202).send(await deadLetters.retry(request.params.id, userOf(request).id)),
  )
}
