import fastifySwagger from '@fastify/swagger'
import type { FastifyInstance } from 'fastify'
import { completed, type Document } from './openapi-additions.ts'

/** Collects the routes that are registered after it into the OpenAPI document. */
export async function registerOpenApi(
  app: FastifyInstance,
  { version, url }: { version: string; url: string | undefined },
): Promise<void> {
  await app.register(fastifySwagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Tradewind',
        version,
        description: 'An e-commerce backend with an ordered, durable event log built in.',
        license: { name: 'MIT', identifier: 'MIT' },
      },
      servers: [{ url: url ?? '/' }],
      components: {
        securitySchemes: {
          bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
          guest: { type: 'apiKey', in: 'header', name: 'X-Session-Id' },
        },
      },
    },
    hideUntagged: false,
    convertConstToEnum: false,
    transform: ({ schema, url: path, route }) => {
      const { access, idempotent, keepsKeys, versioned } = route.config ?? {}
      const documented = {
        ...schema,
        'x-access': access,
        ...((idempotent || keepsKeys) && { 'x-idempotent': true }),
        ...(versioned && { 'x-versioned': true }),
      }
      return { schema: documented as never, url: path }
    },
    transformObject: (documents) => {
      if (!('openapiObject' in documents)) throw new Error('the document is not an OpenAPI document')
      return completed(documents.openapiObject as Document) as never
    },
  })
}
