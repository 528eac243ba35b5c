import type { OpenApiDocument } from '../support/answers.ts'

/** What is used of JSON Schema in requests. */
export interface Schema {
  type?: string | string[]
  const?: unknown
  enum?: unknown[]
  anyOf?: Schema[]
  oneOf?: Schema[]
  properties?: Record<string, Schema>
  patternProperties?: Record<string, Schema>
  additionalProperties?: boolean | Schema
  required?: string[]
  minProperties?: number
  maxProperties?: number
  items?: Schema
  minItems?: number
  maxItems?: number
  uniqueItems?: boolean
  pattern?: string
  format?: string
  minLength?: number
  maxLength?: number
  minimum?: number
  maximum?: number
  multipleOf?: number
}

export interface Parameter {
  name: string
  schema: Schema
}

/** An operation of the API document. */
export interface Operation {
  /** As `POST /orders/{id}/payments`. */
  name: string
  method: string
  template: string
  /** What it belongs to, as `orders`. */
  tag: string
  access: string
  path: Parameter[]
  query: Parameter[]
  /** Schemas of the body by media type; empty where it takes none. */
  bodies: Record<string, Schema>
}

interface Described {
  tags?: string[]
  'x-access'?: string
  parameters?: (Parameter & { in: string })[]
  requestBody?: { content: Record<string, { schema: Schema }> }
}

/** Every operation that the document names, in its order. */
export function operationsOf(document: OpenApiDocument): Operation[] {
  return Object.entries(document.paths).flatMap(([template, methods]) =>
    Object.entries(methods as unknown as Record<string, Described>).map(([method, described]) => {
      const { tags, 'x-access': access, parameters = [], requestBody } = described
      const within = (place: string) => parameters.filter((parameter) => parameter.in === place)
      const content = Object.entries(requestBody?.content ?? {})
      return {
        name: `${method.toUpperCase()} ${template}`,
        method: method.toUpperCase(),
        template,
        tag: tags?.[0] ?? 'none',
        access: access ?? 'anyone',
        path: within('path'),
        query: within('query'),
        bodies: Object.fromEntries(content.map(([type, { schema }]) => [type, schema])),
      }
    }),
  )
}
