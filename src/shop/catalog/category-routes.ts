import { Type } from 'typebox'
import { type App, userOf } from '../../http/app.ts'
import { etagOf, expectedVersion, sendTagged } from '../../http/etag.ts'
import type { Catalog } from './catalog.ts'
import { CategoryChange, CategoryTreeView, CategoryView, NewCategory } from './category-schema.ts'

const tags = ['categories']
const params = Type.Object(
  { id: Type.String({ minLength: 1, maxLength: 64 }) },
  { additionalProperties: false },
)

/** The tree as everybody sees it. */
export function categoryRoutes(app: App, { catalog }: { catalog: Catalog }): void {
  app.get(
    '/categories',
    {
      config: { access: 'anyone', bucket: 'browse' },
      schema: {
        tags,
        summary: 'All categories as a tree, with product counts',
        response: { 200: CategoryTreeView },
      },
    },
    async (request, reply) => {
      const json = JSON.stringify({ items: await catalog.categories.all() })
      return sendTagged(request, reply, json, etagOf(0, json))
    },
  )

  app.get(
    '/categories/:id',
    {
      config: { access: 'anyone', bucket: 'browse' },
      schema: { tags, summary: 'A category', params, response: { 200: CategoryView } },
    },
    async (request, reply) => {
      const category = await catalog.categories.get(request.params.id)
      const json = JSON.stringify(category)
      return sendTagged(request, reply, json, etagOf(category.version, json))
    },
  )
}

/** What staff do to the tree. */
export function categoryAdminRoutes(app: App, { catalog }: { catalog: Catalog }): void {
  app.post(
    '/categories',
    {
      config: { access: 'staff', bucket: 'admin', idempotent: true },
      schema: { tags, summary: 'Add a category', body: NewCategory, response: { 201: CategoryView } },
    },
    async (request, reply) => {
      const by = { operation_id: request.operationId, actor: userOf(request).id }
      const category = await catalog.categories.create(request.body, by)
      return reply
        .code(201)
        .header('location', `/categories/${category.id}`)
        .header('etag', etagOf(category.version, JSON.stringify(category)))
        .send(category)
    },
  )

  for (const method of ['PUT', 'PATCH'] as const) {
    app.route({
      method,
      url: '/categories/:id',
      config: { access: 'staff', bucket: 'admin' },
      schema: {
        tags,
        summary: 'Change or move a category',
        description: 'PUT and PATCH both take the fields to change.',
        params,
        body: CategoryChange,
        response: { 200: CategoryView },
      },
      handler: async (request, reply) => {
        const { id } = request.params as { id: string }
        const category = await catalog.categories.update(id, request.body as CategoryChange, {
          actor: userOf(request).id,
          expected_version: expectedVersion(request),
        })
        return reply.header('etag', etagOf(category.version, JSON.stringify(category))).send(category)
      },
    })
  }

  app.delete(
    '/categories/:id',
    {
      config: { access: 'staff', bucket: 'admin' },
      schema: {
        tags,
        summary: 'Remove an empty category',
        description: 'One with products or with categories below it is refused.',
        params,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      await catalog.categories.remove(request.params.id, {
        actor: userOf(request).id,
        expected_version: expectedVersion(request),
      })
      return reply.code(204).send(null)
    },
  )
}
