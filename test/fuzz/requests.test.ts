import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Ajv2020 } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import fc from 'fast-check'
import { NewProduct } from '../../src/shop/catalog/schema.ts'
import { EventsBody } from '../../src/shop/clickstream/schema.ts'
import { NewOrder } from '../../src/shop/orders/requests-schema.ts'
import { ShippingRates } from '../../src/shop/settings/rates-schema.ts'
import { brokenInOnePlace } from './broken.ts'
import { curlLine } from './curl.ts'
import { valuesOf } from './from-schema.ts'
import type { Operation, Schema } from './operations.ts'
import { requestsOf } from './requests.ts'
import { createThings } from './things.ts'

const ajv = new Ajv2020({ strict: false })
formats.default(ajv)
const things = createThings(new Set())
const ORDER = 'ord_01jz0000000000000000000001'

/** Things stand where requests that are not sent yet have their placeholders. */
function filled(value: unknown): unknown {
  let filled = 0
  return JSON.parse(things.fill(JSON.stringify(value), () => `thing-${filled++}`))
}

for (const [name, schema] of Object.entries({ NewProduct, NewOrder, ShippingRates, EventsBody })) {
  test(`values made from the schema of ${name} fit it, and broken ones mostly do not`, () => {
    const fits = ajv.compile(schema)
    const values = valuesOf(schema as Schema)
    const made = fc.sample(values, { seed: 1, numRuns: 200 })
    for (const value of made) assert.ok(fits(filled(value)), JSON.stringify([value, fits.errors]))
    const broken = fc.sample(brokenInOnePlace(values), { seed: 1, numRuns: 200 })
    const refused = broken.filter((text) => !readable(text) || !fits(filled(JSON.parse(text))))
    assert.ok(refused.length > 80, `${refused.length} of 200`)
  })
}

function readable(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

test('one seed makes the same requests', () => {
  const operation: Operation = {
    ...{ name: 'POST /orders', method: 'POST', template: '/orders', tag: 'orders', access: 'user', path: [] },
    ...{
      query: [{ name: 'limit', schema: { type: 'integer' } }],
      bodies: { 'application/json': NewOrder as Schema },
    },
  }
  const sample = (seed: number) =>
    JSON.stringify(fc.sample(requestsOf(operation, [], []), { seed, numRuns: 50 }))
  assert.equal(sample(7), sample(7))
  assert.notEqual(sample(7), sample(8))
})

test('what answers name stands in later requests, and what is hidden does not', () => {
  const known = createThings(new Set(['usr_01jz0000000000000000000009']))
  const payment = 'pay_01jz0000000000000000000002'
  known.learn('/orders', {
    id: ORDER,
    user_id: 'usr_01jz0000000000000000000009',
    payments: [{ id: payment }],
    next_cursor: 'abc',
  })
  assert.equal(
    known.fill('/orders/{{ord>pay.0:5}}/payments/{{ord>pay.1:5}}?cursor={{cursor:0}}', String),
    `/orders/${ORDER}/payments/${payment}?cursor=abc`,
  )
  assert.doesNotMatch(known.fill('{{usr:0}}', String), /9$/)
})

test('a request is printed so that a shell sends it again', () => {
  const headers = { 'content-type': 'application/json', 'if-match': '' }
  const line = (content: string) =>
    curlLine('http://localhost:1', { method: 'PUT', path: '/a?b=%00', headers, content })
  assert.equal(
    line(`{"a":"it's"}`),
    `curl -i --path-as-is -g -X PUT -H 'content-type: application/json' -H 'if-match;' 'http://localhost:1/a?b=%00' --data-binary '{"a":"it'\\''s"}'`,
  )
  assert.match(line('é'), /^echo w6k= \| base64 -d \| curl .* --data-binary @-$/)
})
