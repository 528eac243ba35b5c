import type { Access } from './app.ts'
import { Problem } from './problem.ts'

type Operation = {
  responses?: Record<string, unknown>
  security?: unknown[]
  parameters?: unknown[]
  'x-access'?: Access
}
export type Document = { paths?: Record<string, Record<string, Operation>> }

const PROBLEM = { $ref: '#/components/responses/Problem' }
const IDEMPOTENCY_KEY = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description: 'Makes repeats safe: the same key and body get the first answer again.',
  schema: { type: 'string', minLength: 1, maxLength: 255 },
}

/** Adds what holds for every operation: how it refuses, who may call it, which header makes it repeatable. */
export function completed(document: Document): Document {
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
