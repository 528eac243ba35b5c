import { Type } from 'typebox'
import { type App, userOf } from '../../http/app.ts'
import { etagOf, expectedVersion } from '../../http/etag.ts'
import { takeUploads, UPLOAD_BODY_MS, uploadedFile } from '../../http/uploads.ts'
import type { Catalog } from './catalog.ts'
import { ImageChange, MAX_IMAGE_BYTES, NewImage, PlacedImage } from './image-schema.ts'

const tags = ['products']
const closed = { additionalProperties: false } as const
const id = Type.String({ minLength: 1, maxLength: 64, description: 'Id or slug' })
const params = Type.Object({ id, image_id: Type.String({ minLength: 1, maxLength: 64 }) }, closed)

/** Reading an image and handing it on to a store; below the idle time after which the caller's connection is cut. */
const UPLOAD_DEADLINE_MS = 28_000

/** What staff do to the images of a product. ETags are those of the product. */
export function imageAdminRoutes(app: App, { images }: Pick<Catalog, 'images'>): void {
  app.register(async (scope) => {
    await takeUploads(scope as unknown as App, { max_file_bytes: MAX_IMAGE_BYTES })
    scope.post(
      '/products/:id/images',
      {
        config: {
          access: 'staff',
          bucket: 'admin',
          idempotent: true,
          versioned: true,
          deadline_ms: UPLOAD_DEADLINE_MS,
          body_deadline_ms: UPLOAD_BODY_MS,
        },
        schema: {
          tags,
          summary: 'Add an image to a product',
          description:
            'Judged by its content, not by its name; turned upright, its metadata removed, kept with three smaller sizes. At most 12 a product and 50 million pixels; AVIF, which is kept as WebP, and what has more than 8 bits a channel 16 million.',
          consumes: ['multipart/form-data'],
          params: Type.Object({ id }, closed),
          body: NewImage,
          response: { 201: PlacedImage },
        },
      },
      async (request, reply) => {
        const { alt, position } = request.body as NewImage
        const wanted = { bytes: uploadedFile(request), alt, position }
        const { image, version } = await images.add(
          (request.params as { id: string }).id,
          wanted,
          by(request),
        )
        return reply
          .code(201)
          .header('etag', etagOf(version, JSON.stringify(image)))
          .send(image)
      },
    )
  })

  app.patch(
    '/products/:id/images/:image_id',
    {
      config: { access: 'staff', bucket: 'admin', versioned: true },
      schema: {
        tags,
        summary: 'Change what an image says, or its place',
        params,
        body: ImageChange,
        response: { 200: PlacedImage },
      },
    },
    async (request, reply) => {
      const { id, image_id } = request.params
      const { image, version } = await images.change(id, image_id, request.body, by(request))
      return reply.header('etag', etagOf(version, JSON.stringify(image))).send(image)
    },
  )

  app.delete(
    '/products/:id/images/:image_id',
    {
      config: { access: 'staff', bucket: 'admin', versioned: true },
      schema: {
        tags,
        summary: 'Remove an image, its files too',
        params,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      const { id, image_id } = request.params
      await images.remove(id, image_id, by(request))
      return reply.code(204).send(null)
    },
  )
}

function by(request: Parameters<typeof userOf>[0] & Parameters<typeof expectedVersion>[0]) {
  return {
    operation_id: request.operationId,
    actor: userOf(request).id,
    expected_version: expectedVersion(request),
  }
}
