import fastifySwagger from '@fastify/swagger'
import type { FastifyInstance } from 'fastify'
import type { Access } from './app.ts'
import { Problem } from './problem.ts'

type Operation = {
  responses?: Record<string, unknown>
  security?: unknown[]
  parameters?: unknown[]
  'x-access'?: Access
}
type Document = { paths?: Record<string, Record<string, Operation>> }

const PROBLEM = { $ref: '#/components/responses/Problem' }
const IDEMPOTENCY_KEY = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description: 'Makes repeats safe: the same key and body get the first answer again.',
  schema: { type: 'string', minLength: 1, maxLength: 255 },
}

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
      ...(url && { servers: [{ url }] }),
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
      const { access, idempotent, keepsKeys } = route.config ?? {}
      const documented = {
        ...schema,
        'x-access': access,
        ...((idempotent || keepsKeys) && { 'x-idempotent': true }),
      }
      return { schema: documented as never, url: path }
    },
    transformObject: (documents) => {
      if (!('openapiObject' in documents)) throw new Error('the document is not an OpenAPI document')
      return completed(documents.openapiObject as Document) as never
    },
  })
}

/** Adds what holds for every operation: how it refuses, who may call it, which header makes it repeatable. */
function completed(document: Document): Document {
  const operations = Object.values(document.paths ?? {}).flatMap((path) => Object.values(path))
  for (const operation of operations) {
    operation.responses = { ...operation.responses, default: PROBLEM }
    operation.security =
      operation['x-access'] === 'anyone' ? [{}, { bearer: [] }, { guest: [] }] : [{ bearer: [] }]
    if ('x-idempotent' in operation) operation.parameters = [...(operation.parameters ?? []), IDEMPOTENCY_KEY]
    delete (operation as Record<string, unknown>)['x-idempotent']
  }
  const { components, ...rest } = document as Document & { components?: Record<string, unknown> }
  return {
    ...rest,
    components: {
      ...components,
      schemas: { ...(components?.schemas as object), Problem: plain(Problem) },
      responses: {
        Problem: {
          description: 'A refusal or a failure',
          content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
        },
      },
    },
  } as Document
}

function plain(schema: object): unknown {
  return JSON.parse(JSON.stringify(schema))
}
