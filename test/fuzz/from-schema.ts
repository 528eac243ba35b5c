import fc, { type Arbitrary } from 'fast-check'
import { meantFor } from './meanings.ts'
import type { Schema } from './operations.ts'
import { anyWords } from './words.ts'

/** Lists and dictionaries are kept short: what too many do is a matter of `broken.ts`. */
const MAX_ITEMS = 4
/** Longer texts than these come from `broken.ts`. */
const MAX_TEXT = 40
const LARGEST = Number.MAX_SAFE_INTEGER

/**
 * Values that fit the schema. `name` is that of the field: where it says what is meant, what the shop knows stands there more often
 * than not, since a product_id of random letters finds nothing but 404.
 */
export function valuesOf(schema: Schema, name = ''): Arbitrary<unknown> {
  const fitting = fittingValues(schema, name)
  const meant = schema.enum || schema.const !== undefined ? undefined : meantFor(name, schema)
  if (!meant) return fitting
  return fc.oneof({ weight: 5, arbitrary: meant }, { weight: 1, arbitrary: fitting })
}

function fittingValues(schema: Schema, name: string): Arbitrary<unknown> {
  if (schema.const !== undefined) return fc.constant(schema.const)
  if (schema.enum) return fc.constantFrom(...schema.enum)
  const either = schema.anyOf ?? schema.oneOf
  if (either) return fc.oneof(...either.map((one) => valuesOf(one, name)))
  if (Array.isArray(schema.type))
    return fc.oneof(...schema.type.map((type) => valuesOf({ ...schema, type }, name)))
  switch (schema.type) {
    case 'string':
      return textsOf(schema)
    case 'integer':
      return wholeNumbersOf(schema)
    case 'number':
      return fc.double({
        ...{ min: schema.minimum ?? -1e9, max: schema.maximum ?? 1e9, noNaN: true, noDefaultInfinity: true },
      })
    case 'boolean':
      return fc.boolean()
    case 'null':
      return fc.constant(null)
    case 'array':
      return listsOf(schema, name)
    case 'object':
      return objectsOf(schema)
    default:
      return fc.jsonValue({ maxDepth: 3 })
  }
}

function textsOf({ pattern, format, minLength = 0, maxLength = MAX_TEXT }: Schema): Arbitrary<string> {
  if (format === 'date-time') return times()
  if (format === 'date') return times().map((time) => time.slice(0, 10))
  if (format === 'email') return fc.emailAddress({ size: 'small' })
  if (format === 'uri') return fc.webUrl({ size: 'small' })
  const longest = Math.min(maxLength, Math.max(MAX_TEXT, minLength))
  if (pattern === undefined) return anyWords({ minLength, maxLength: longest })
  const whole = new RegExp(pattern)
  // fast-check cannot look ahead; what that would forbid is left out afterwards.
  const readable = new RegExp(pattern.replaceAll(/\(\?![^)]*\)/g, ''))
  return fc
    .stringMatching(readable, { size: 'small', maxLength: longest })
    .filter((text) => whole.test(text) && text.length >= minLength && text.length <= maxLength)
}

function times(): Arbitrary<string> {
  const near = fc.date({ min: new Date('2026-01-01'), max: new Date('2027-12-31'), noInvalidDate: true })
  const any = fc.date({
    ...{ min: new Date('0001-01-01'), max: new Date('9999-12-31T23:59:59Z'), noInvalidDate: true },
  })
  return fc
    .oneof({ weight: 3, arbitrary: near }, { weight: 1, arbitrary: any })
    .map((date) => date.toISOString())
}

function wholeNumbersOf({
  minimum = -LARGEST,
  maximum = LARGEST,
  multipleOf = 1,
}: Schema): Arbitrary<number> {
  const least = Math.ceil(minimum / multipleOf)
  const most = Math.floor(maximum / multipleOf)
  const small = fc.integer({
    min: Math.max(least, Math.min(0, most)),
    max: Math.min(most, Math.max(10, least)),
  })
  return fc
    .oneof(
      { weight: 5, arbitrary: small },
      { weight: 1, arbitrary: fc.maxSafeInteger().map((any) => Math.min(most, Math.max(least, any))) },
      { weight: 1, arbitrary: fc.constantFrom(least, most) },
    )
    .map((number) => number * multipleOf)
}

function listsOf(
  { items = {}, minItems = 0, maxItems, uniqueItems }: Schema,
  name: string,
): Arbitrary<unknown> {
  const size = {
    minLength: minItems,
    maxLength: Math.min(maxItems ?? MAX_ITEMS, Math.max(minItems, MAX_ITEMS)),
  }
  const values = valuesOf(items, name)
  return uniqueItems
    ? fc.uniqueArray(values, { ...size, selector: (one) => JSON.stringify(one) })
    : fc.array(values, size)
}

function objectsOf(schema: Schema): Arbitrary<unknown> {
  const {
    properties = {},
    required = [],
    minProperties = 0,
    maxProperties = Number.POSITIVE_INFINITY,
  } = schema
  const values = Object.fromEntries(
    Object.entries(properties).map(([name, one]) => [name, valuesOf(one, name)]),
  )
  const optional = Object.keys(properties).filter((name) => !required.includes(name))
  const recordOf = (names: string[]) =>
    fc.record(Object.fromEntries(names.map((name) => [name, values[name]!])), { noNullPrototype: true })
  // What can be left out is left out more often than not: of many fields two seldom go together.
  const named = fc.oneof(
    {
      weight: 3,
      arbitrary: fc
        .subarray(optional, { maxLength: Math.min(3, optional.length) })
        .chain((some) => recordOf([...required, ...some])),
    },
    { weight: 1, arbitrary: fc.record(values, { requiredKeys: required, noNullPrototype: true }) },
  )
  return fc
    .tuple(named, dictionaryOf(schema))
    .map(([fields, others]) => ({ ...others, ...fields }) as Record<string, unknown>)
    .filter((made) => {
      const count = Object.keys(made).length
      return count >= minProperties && count <= maxProperties
    })
}

/** What an object may have beside its named fields. */
function dictionaryOf({ patternProperties, additionalProperties, properties }: Schema): Arbitrary<object> {
  const [pattern, ofPattern] = Object.entries(patternProperties ?? {})[0] ?? []
  const ofOthers = typeof additionalProperties === 'object' ? additionalProperties : {}
  const isOpen =
    pattern !== undefined || additionalProperties || (!properties && additionalProperties !== false)
  if (!isOpen) return fc.constant({})
  const keys = pattern === undefined ? fc.stringMatching(/^[a-z]{1,8}$/) : textsOf({ pattern })
  const usable = keys.filter((key) => !['__proto__', 'constructor', 'prototype'].includes(key))
  return fc.dictionary(usable, valuesOf(ofPattern ?? ofOthers), { maxKeys: 3, noNullPrototype: true })
}
