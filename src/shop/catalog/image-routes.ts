import fastifyStatic from '@fastify/static'
import { Type } from 'typebox'
import type { App } from '../../http/app.ts'
import { Refusal } from '../../kernel/errors.ts'
import type { MediaFiles } from './image-schema.ts'

const closed = { additionalProperties: false } as const
const Bytes = { schema: Type.String({ format: 'binary' }) }

/** Serves the files of images that lie in the shop's own folder. An address names the same bytes for ever, so whoever has them keeps them. */
export function imageFileRoutes(app: App, { files }: { files: MediaFiles }): void {
  app.register(async (scope) => {
    await scope.register(fastifyStatic, {
      root: files.folder,
      serve: false,
      maxAge: '365d',
      immutable: true,
      acceptRanges: false,
    })
    scope.get(
      '/media/:key/:file',
      {
        config: { access: 'anyone', bucket: 'media', produces: 'image/webp' },
        schema: {
          tags: ['products'],
          summary: 'A file of an image',
          params: Type.Object(
            { key: Type.String({ maxLength: 64 }), file: Type.String({ maxLength: 64 }) },
            closed,
          ),
          response: {
            200: {
              description: 'The file; it may be kept for ever',
              content: {
                'image/webp': Bytes,
                'image/jpeg': Bytes,
                'image/png': Bytes,
                'image/avif': Bytes,
              },
            },
          },
        },
      },
      async (request, reply) => {
        const { key, file } = request.params as { key: string; file: string }
        const path = await files.find(key, file)
        if (path === undefined)
          throw new Refusal('not_found', 'not_found', 'There is nothing at this address.')
        // Nobody changes these files: a condition on their being unchanged holds, and the sender would refuse tags that it does not know.
        const { headers } = request.raw
        delete headers['if-match']
        delete headers['if-unmodified-since']
        return reply.sendFile(path)
      },
    )
  })
}
