import { type App, sendJsonPieces, userOf } from '../../http/app.ts'
import type { Persons } from './persons.ts'
import { PersonExport } from './schema.ts'

/** What people may know of what is known of them. */
export function personRoutes(app: App, { persons }: { persons: Persons }): void {
  app.get(
    '/auth/me/export',
    {
      // The smallest of the quotas by user: this reads everything.
      config: { access: 'user', bucket: 'orders', fresh: true },
      schema: {
        tags: ['accounts'],
        summary: 'All that is known of the person, as one JSON document',
        response: { 200: PersonExport },
      },
    },
    async (request, reply) => {
      reply.header('content-disposition', 'attachment; filename="my-data.json"')
      return sendJsonPieces(reply, persons.exported(userOf(request).id))
    },
  )
}
