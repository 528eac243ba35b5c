import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type TSchema, Type } from 'typebox'
import { rowReader } from './rows.ts'

const said = (schema: TSchema, value: unknown) => rowReader(schema).faultsOf(value)[0]?.message

test('a fault says in words what is wanted', () => {
  assert.equal(said(Type.Boolean(), 'yes'), 'must be true or false')
  assert.equal(said(Type.Integer({ minimum: 0 }), -5), 'must be 0 or more')
  assert.equal(said(Type.Integer({ maximum: 9 }), 10), 'must be 9 or less')
  assert.equal(said(Type.Object({}, { minProperties: 2 }), { a: 1 }), 'must have at least 2 fields')
  assert.equal(said(Type.Array(Type.Any(), { minItems: 1 }), []), 'must have at least 1 entry')
  assert.equal(said(Type.String({ maxLength: 2 }), 'abc'), 'must have at most 2 characters')
})

test('of a pattern a fault says the words of its description', () => {
  const slug = Type.String({ pattern: '^[a-z]+$', description: 'Small letters, as lantern' })
  assert.equal(said(slug, 'A b'), 'does not fit: Small letters, as lantern')
  assert.equal(said(Type.String({ pattern: '\\S' }), ' '), 'must not be blank')
})
