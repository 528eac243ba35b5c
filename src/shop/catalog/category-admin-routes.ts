import { Type } from 'typebox'
import { type App, userOf } from '../../http/app.ts'
import { etagOf, expectedVersion } from '../../http/etag.ts'
import type { Catalog } from './catalog.ts'
import { CategoryChange, NewCategory } from './category-requests-schema.ts'
import { CategoryParams } from './category-routes.ts'
import { CategoryView } from './category-view-schema.ts'

const tags = ['categories']

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
      config: { access: 'staff', bucket: 'admin', versioned: true },
      schema: {
        tags,
        summary: 'Change or move a category',
        description: 'PUT and PATCH both take the fields to change.',
        params: CategoryParams,
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
      config: { access: 'staff', bucket: 'admin', versioned: true },
      schema: {
        tags,
        summary: 'Remove an empty category',
        description: 'One with products or with categories below it is refused.',
        params: CategoryParams,
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
