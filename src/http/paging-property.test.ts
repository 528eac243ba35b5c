import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { isRefusal } from '../kernel/errors.ts'
import { decodeCursor, encodeCursor } from './paging.ts'

const value = fc.oneof(
  fc.string(),
  fc.boolean(),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
)
/** As it is after it has been text once: there is no negative zero in JSON. */
const place = fc.record({ value, id: fc.string() }).map((made) => JSON.parse(JSON.stringify(made)) as object)
const context = fc.json()

/** The place, or undefined where the cursor was refused; anything else is thrown. */
function read(cursor: string, of: unknown): object | undefined {
  try {
    return decodeCursor<object>(cursor, of)
  } catch (error) {
    if (isRefusal(error, 'bad_cursor')) return undefined
    throw error
  }
}

test('whatever the place and the query, a cursor leads back to that place in that query and in no other', () => {
  fc.assert(
    fc.property(place, context, context, (at, of, other) => {
      const cursor = encodeCursor(at, of)!
      assert.match(cursor, /^[\w-]+$/)
      assert.deepEqual(read(cursor, of), at)
      if (of !== other) assert.equal(read(cursor, other), undefined)
    }),
  )
})

test('whatever is sent as a cursor is refused or a place of plain values', () => {
  const texts = fc.oneof(
    fc.string(),
    fc.json().map((text) => Buffer.from(text).toString('base64url')),
    // A true one of which a character was changed.
    fc.tuple(place, fc.nat(), fc.constantFrom(...'AQgw09-_')).map(([at, index, letter]) => {
      const cursor = encodeCursor(at, 'query')!
      const where = index % cursor.length
      return cursor.slice(0, where) + letter + cursor.slice(where + 1)
    }),
    fc.jsonValue().map((made) => encodeCursor({ made }, 'query')!),
  )
  fc.assert(
    fc.property(texts, (text) => {
      const found = read(text, 'query')
      const values = Object.values(found ?? {})
      assert.ok(values.every((one) => ['string', 'number', 'boolean'].includes(typeof one)))
    }),
  )
})
