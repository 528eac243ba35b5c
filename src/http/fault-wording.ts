import type { FastifySchemaValidationError } from 'fastify'

export type AjvError = FastifySchemaValidationError

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

/** What a person is told of a fault. */
export function sentenceOf({ instancePath, keyword, message, params }: AjvError): string {
  if (keyword === 'required') return 'This is required.'
  if (keyword === 'additionalProperties' || keyword === 'unevaluatedProperties')
    return 'There is no such field here.'
  if (keyword === 'type' && (params as { type?: string }).type === 'integer')
    return instancePath.endsWith('/amount')
      ? 'must be a whole number of minor units, such as cents'
      : 'must be a whole number'
  if (keyword === 'enum')
    return `must be one of ${(params as { allowedValues: unknown[] }).allowedValues.join(', ')}`
  return message ?? 'does not fit'
}
