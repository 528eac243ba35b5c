import assert from 'node:assert/strict'
import { it } from 'node:test'
import { MongoBulkWriteError, type WriteError } from 'mongodb'
import { isTemporary } from './errors.ts'

const NOT_PRIMARY = 10_107
const DUPLICATE = 11_000

/** A bulk write of which several writes were refused; its own code is that of the first. */
function bulk(codes: number[]): MongoBulkWriteError {
  const writeErrors = codes.map((code, index) => ({ code, index, errmsg: 'refused' }) as WriteError)
  const result = { getWriteConcernError: () => undefined } as MongoBulkWriteError['result']
  return new MongoBulkWriteError({ message: 'x', code: codes[0]!, writeErrors }, result)
}

it('a bulk write is told as temporary when any of its writes met a server that was going', () => {
  assert.equal(isTemporary(bulk([NOT_PRIMARY, DUPLICATE])), true)
  assert.equal(isTemporary(bulk([DUPLICATE, NOT_PRIMARY])), true)
  assert.equal(isTemporary(bulk([DUPLICATE, DUPLICATE])), false)
})
