import { Type } from 'typebox'
import { type App, userOf } from '../../http/app.ts'
import { etagOf, expectedVersion } from '../../http/etag.ts'
import { bulkAdminRoutes } from './bulk-admin-routes.ts'
import type { Catalog } from './catalog.ts'
import { categoryAdminRoutes } from './category-admin-routes.ts'
import { imageAdminRoutes } from './image-admin-routes.ts'
import { NewProduct, PRODUCT_BODY_BYTES, ProductChange, ProductView } from './schema.ts'

const tags = ['products']
const closed = { additionalProperties: false } as const
const params = Type.Object(
  { id: Type.String({ minLength: 1, maxLength: 64, description: 'Id or slug' }) },
  closed,
)

/** What staff do to the catalogue. */
export function catalogAdminRoutes(app: App, { catalog }: { catalog: Catalog }): void {
  app.post(
    '/products',
    {
      bodyLimit: PRODUCT_BODY_BYTES,
      config: { access: 'staff', bucket: 'admin', idempotent: true },
      schema: {
        tags,
        summary: 'Add a product',
        description:
          'Without `status` it is for sale at once (`active`). Without `sku` and `slug` they are made. With `variants` each has a SKU, a price if it differs, and stock.',
        body: NewProduct,
        response: { 201: ProductView },
      },
    },
    async (request, reply) => {
      const product = await catalog.create(request.body, by(request))
      return reply
        .code(201)
        .header('location', `/products/${product.id}`)
        .header('etag', etagOf(product.version, JSON.stringify(product)))
        .send(product)
    },
  )

  for (const method of ['PUT', 'PATCH'] as const) {
    app.route({
      method,
      url: '/products/:id',
      bodyLimit: PRODUCT_BODY_BYTES,
      config: { access: 'staff', bucket: 'admin', versioned: true },
      schema: {
        tags,
        summary: 'Change the fields given',
        description:
          'PUT and PATCH do the same. `variants` replaces all of them. `If-Match` with the ETag guards against changes in between.',
        params,
        body: ProductChange,
        response: { 200: ProductView },
      },
      handler: async (request, reply) => {
        const { id } = request.params as { id: string }
        const product = await catalog.change(id, request.body as ProductChange, {
          ...by(request),
          expected_version: expectedVersion(request),
        })
        return reply.header('etag', etagOf(product.version, JSON.stringify(product))).send(product)
      },
    })
  }

  app.delete(
    '/products/:id',
    {
      config: { access: 'staff', bucket: 'admin', versioned: true },
      schema: {
        tags,
        summary: 'Archive a product',
        description: 'Orders keep their copy; its SKUs and slug stay taken.',
        params,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      await catalog.archive(request.params.id, { ...by(request), expected_version: expectedVersion(request) })
      return reply.code(204).send(null)
    },
  )

  app.post(
    '/products/:id/restore',
    {
      config: { access: 'staff', bucket: 'admin', idempotent: true },
      schema: { tags, summary: 'Bring an archived product back', params, response: { 200: ProductView } },
    },
    async (request) => catalog.restore(request.params.id, by(request)),
  )

  imageAdminRoutes(app, catalog)
  bulkAdminRoutes(app, { catalog })
  categoryAdminRoutes(app, { catalog })
}

function by(request: Parameters<typeof userOf>[0] & { operationId: string }) {
  return { operation_id: request.operationId, actor: userOf(request).id }
}
