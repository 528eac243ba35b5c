import type { FastifySchemaValidationError } from 'fastify'

/** `verbose`: with the schema that was not met. */
export type AjvError = FastifySchemaValidationError & { parentSchema?: object }

const CODES: Record<string, string> = {
  required: 'required',
  additionalProperties: 'unknown_field',
  unevaluatedProperties: 'unknown_field',
  type: 'wrong_type',
  enum: 'not_allowed',
  const: 'not_allowed',
  anyOf: 'not_allowed',
  format: 'bad_format',
  pattern: 'bad_format',
  minLength: 'too_short',
  maxLength: 'too_long',
  minItems: 'too_few',
  maxItems: 'too_many',
  minProperties: 'too_few',
  maxProperties: 'too_many',
  uniqueItems: 'not_unique',
  minimum: 'too_small',
  exclusiveMinimum: 'too_small',
  maximum: 'too_large',
  exclusiveMaximum: 'too_large',
}

/** The code of a fault, by the keyword of the schema that was not met. */
export function codeOf(keyword: string): string {
  return CODES[keyword] ?? 'invalid'
}

/** What is counted, by the keyword that bounds it. */
const COUNTED: Record<string, [bound: string, one: string, several: string]> = {
  minLength: ['at least', 'character', 'characters'],
  maxLength: ['at most', 'character', 'characters'],
  minItems: ['at least', 'entry', 'entries'],
  maxItems: ['at most', 'entry', 'entries'],
  minProperties: ['at least', 'field', 'fields'],
  maxProperties: ['at most', 'field', 'fields'],
}

/** What a person is told of a fault. */
export function sentenceOf({ instancePath, keyword, message, params, parentSchema }: AjvError): string {
  const { description } = (parentSchema ?? {}) as { description?: string }
  const { type, limit } = params as { type?: string; limit?: number }
  if (keyword === 'required') return 'This is required.'
  if (keyword === 'additionalProperties' || keyword === 'unevaluatedProperties')
    return 'There is no such field here.'
  if (keyword === 'type' && type === 'boolean') return 'must be true or false'
  if (keyword === 'type' && type === 'integer')
    return instancePath.endsWith('/amount')
      ? 'must be a whole number of minor units, such as cents'
      : 'must be a whole number'
  if (keyword === 'enum')
    return `must be one of ${(params as { allowedValues: unknown[] }).allowedValues.join(', ')}`
  if (keyword === 'minimum') return `must be ${limit} or more`
  if (keyword === 'maximum') return `must be ${limit} or less`
  if (keyword === 'pattern' && (params as { pattern?: string }).pattern === '\\S') return 'must not be blank'
  if (keyword === 'pattern' && description) return `does not fit: ${description}`
  const counted = COUNTED[keyword]
  if (counted) {
    const [bound, one, several] = counted
    return `must have ${bound} ${limit} ${limit === 1 ? one : several}`
  }
  return message ?? 'does not fit'
}
