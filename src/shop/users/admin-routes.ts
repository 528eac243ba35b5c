import { Type } from 'typebox'
import { type App, userOf } from '../../http/app.ts'
import { etagOf, expectedVersion } from '../../http/etag.ts'
import { DEFAULT_PAGE, decodeCursor, encodeCursor, PageQuery } from '../../http/paging.ts'
import { NewUser, UserChange, UserFilter, UserPage, UserView } from './schema.ts'
import type { UserPosition } from './search.ts'
import type { Users } from './users.ts'

const UserParams = Type.Object({ id: Type.String({ maxLength: 64 }) }, { additionalProperties: false })
const UserQuery = Type.Object(
  { ...PageQuery, ...UserFilter, include: Type.Optional(Type.Enum(['total'])) },
  { additionalProperties: false },
)

/** What staff see of accounts, and what a super_admin does with them. */
export function userAdminRoutes(app: App, { users }: { users: Users }): void {
  app.get(
    '/users',
    {
      config: { access: 'staff', bucket: 'admin' },
      schema: {
        tags: ['users'],
        summary: 'Accounts, newest first; with q those whose name or e-mail begins so',
        querystring: UserQuery,
        response: { 200: UserPage },
      },
    },
    async ({ query: { limit = DEFAULT_PAGE, cursor, include, ...filter } }) => {
      const context = ['users', filter]
      const page = await users.list({ ...filter, limit, after: decodeCursor<UserPosition>(cursor, context) })
      const total = include === 'total' && { total: await users.count(filter) }
      return { items: page.items, next_cursor: encodeCursor(page.next, context), ...total }
    },
  )

  app.get(
    '/users/:id',
    {
      config: { access: 'staff', bucket: 'admin' },
      schema: { tags: ['users'], summary: 'An account', params: UserParams, response: { 200: UserView } },
    },
    async (request, reply) => {
      const user = await users.get(request.params.id)
      reply.header('etag', etagOf(user.version, JSON.stringify(user)))
      return user
    },
  )

  app.post(
    '/users',
    {
      config: { access: 'super', bucket: 'admin' },
      schema: {
        tags: ['users'],
        summary: 'Make an account, also one of staff',
        body: NewUser,
        response: { 201: UserView },
      },
    },
    async (request, reply) => {
      const user = await users.create(userOf(request), request.body)
      return reply.code(201).header('location', `/users/${user.id}`).send(user)
    },
  )

  app.patch(
    '/users/:id',
    {
      config: { access: 'super', bucket: 'admin', versioned: true },
      schema: {
        tags: ['users'],
        summary: 'Change name, role or status; deactivating signs the account out everywhere',
        params: UserParams,
        body: UserChange,
        response: { 200: UserView },
      },
    },
    (request) => users.change(userOf(request), request.params.id, request.body, expectedVersion(request)),
  )
}
