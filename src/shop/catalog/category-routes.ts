import { Type } from 'typebox'
import type { App } from '../../http/app.ts'
import { etagOf, sendTagged } from '../../http/etag.ts'
import type { Catalog } from './catalog.ts'
import { CategoryTreeView, CategoryView } from './category-view-schema.ts'

const tags = ['categories']
/** Which category is meant. */
export const CategoryParams = Type.Object(
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
      schema: { tags, summary: 'A category', params: CategoryParams, response: { 200: CategoryView } },
    },
    async (request, reply) => {
      const category = await catalog.categories.get(request.params.id)
      const json = JSON.stringify(category)
      return sendTagged(request, reply, json, etagOf(category.version, json))
    },
  )
}
