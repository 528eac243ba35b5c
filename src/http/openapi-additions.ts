import type { Access } from './app.ts'
import { Problem } from './problem.ts'

interface Response {
  description: string
  headers?: Record<string, unknown>
}
type Operation = {
  operationId?: string
  responses?: Record<string, Response | { $ref: string }>
  security?: unknown[]
  parameters?: unknown[]
  'x-access'?: Access
  'x-idempotent'?: true
  'x-versioned'?: true
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
const IF_MATCH = {
  name: 'If-Match',
  in: 'header',
  required: false,
  description:
    'The ETag of the answer that the change goes out from; 412 `version_moved` when it has changed since. `*` and its absence expect nothing.',
  schema: { type: 'string' },
}
const REPLAYED = {
  'Idempotent-Replayed': {
    description: 'This is the first answer again.',
    schema: { type: 'string', enum: ['true'] },
  },
}
const RETRY_AFTER = {
  'Retry-After': {
    description: 'Seconds after which the same request may succeed, where that is known.',
    schema: { type: 'integer', minimum: 0 },
  },
}

/** What an answer is called whose schema has no description of its own. */
const DESCRIPTIONS: Record<string, string> = {
  200: 'What was asked for, or what came of it',
  201: 'It was made',
  202: 'It was taken and goes on behind this answer',
  204: 'Done',
  503: 'Not now; the same as with 200, with what is wrong',
}
const UNNAMED = 'Default Response'

/** Adds what holds for every operation: its id, how it refuses, who may call it, which headers it takes and gives. */
export function completed(document: Document): Document {
  for (const [path, operations] of Object.entries(document.paths ?? {}))
    for (const [method, operation] of Object.entries(operations)) complete(operation, method, path)
  const { components, ...rest } = document as Document & { components?: Record<string, unknown> }
  return {
    ...rest,
    components: {
      ...components,
      schemas: { ...(components?.schemas as object), Problem: plain(Problem) },
      responses: {
        Problem: {
          description: 'A refusal or a failure',
          headers: RETRY_AFTER,
          content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
        },
      },
    },
  } as Document
}

function complete(operation: Operation, method: string, path: string): void {
  const { 'x-idempotent': idempotent, 'x-versioned': versioned } = operation
  operation.operationId = operationIdOf(method, path)
  const answers = Object.entries(operation.responses ?? {}) as [string, Response][]
  const described = answers.map(([status, answer]) => [
    status,
    {
      ...answer,
      description: answer.description === UNNAMED ? DESCRIPTIONS[status] : answer.description,
      ...(idempotent && { headers: { ...answer.headers, ...REPLAYED } }),
    },
  ])
  operation.responses = { ...Object.fromEntries(described), default: PROBLEM }
  operation.security =
    operation['x-access'] === 'anyone' ? [{}, { bearer: [] }, { guest: [] }] : [{ bearer: [] }]
  const headers = [...(idempotent ? [IDEMPOTENCY_KEY] : []), ...(versioned ? [IF_MATCH] : [])]
  if (headers.length > 0) operation.parameters = [...(operation.parameters ?? []), ...headers]
  delete operation['x-idempotent']
  delete operation['x-versioned']
}

/** `get /orders/{id}/payments` is `getOrdersByIdPayments`. */
function operationIdOf(method: string, path: string): string {
  const words = path.replaceAll('{', 'by-').split(/[^A-Za-z0-9]+/)
  return method + words.map((word) => word.slice(0, 1).toUpperCase() + word.slice(1)).join('')
}

function plain(schema: object): unknown {
  return JSON.parse(JSON.stringify(schema))
}
