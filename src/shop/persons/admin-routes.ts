import { Type } from 'typebox'
import { type App, userOf } from '../../http/app.ts'
import { UserView } from '../users/schema.ts'
import type { Persons } from './persons.ts'

const params = Type.Object({ id: Type.String({ maxLength: 64 }) }, { additionalProperties: false })

/** How a super_admin erases a person. */
export function personAdminRoutes(app: App, { persons }: { persons: Persons }): void {
  app.delete(
    '/users/:id',
    {
      config: { access: 'super', bucket: 'admin' },
      schema: {
        tags: ['users'],
        summary: 'Erase a person; their orders stay, without them',
        description:
          'Not while there are orders that are not done with (409 open_orders). The account ends at once; it is `erasing` for about a minute and then `erased`. Cannot be undone.',
        params,
        response: { 202: UserView },
      },
    },
    async (request, reply) => reply.code(202).send(await persons.erase(userOf(request), request.params.id)),
  )
}
