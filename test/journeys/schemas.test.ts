import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Type } from 'typebox'
import { serve } from '../support/http-server.ts'
import { startShop } from '../support/shop.ts'

test('every schema of the shop can be compiled, although each waits for its first value', async () => {
  const shop = await startShop()
  try {
    shop.application.server.compileSchemas()
  } finally {
    await shop.stop()
  }
})

const NOTHING = Type.Unsafe({ type: 'nothing' })

for (const [where, part, schema] of [
  [
    'of a query',
    /GET \/odd, querystring/,
    { querystring: Type.Object({ odd: NOTHING }, { additionalProperties: false }) },
  ],
  ['of an answer', /GET \/odd, answer 200/, { response: { 200: Type.Object({ odd: NOTHING }) } }],
] as const)
  test(`a schema ${where} that cannot be compiled is found and named`, async () => {
    const served = await serve({
      routes: (app) =>
        app.get(
          '/odd',
          {
            config: { access: 'anyone', bucket: 'browse' },
            schema: { tags: ['odd'], summary: 'Odd', response: { 200: Type.Null() }, ...schema },
          },
          () => null as never,
        ),
    })
    try {
      assert.throws(() => served.server.compileSchemas(), part)
    } finally {
      await served.close()
    }
  })

interface Operation {
  operationId: string
  parameters?: { in: string; name: string }[]
  responses: Record<string, { description?: string; headers?: object; $ref?: string }>
}

test('the API document names each operation once, what it answers, and the headers that it takes', async () => {
  const shop = await startShop()
  try {
    const { paths } = shop.application.server.document() as {
      paths: Record<string, Record<string, Operation>>
    }
    const operations = Object.values(paths).flatMap((path) => Object.values(path))
    const ids = operations.map(({ operationId }) => operationId)
    assert.deepEqual(ids, [...new Set(ids)])
    assert.equal(paths['/orders/{id}/payments']!.post!.operationId, 'postOrdersByIdPayments')
    for (const { operationId, responses } of operations)
      for (const { description, $ref } of Object.values(responses))
        assert.ok($ref || (description && description !== 'Default Response'), operationId)
    const headersOf = ({ parameters = [] }: Operation) =>
      parameters.filter((parameter) => parameter.in === 'header').map(({ name }) => name)
    assert.deepEqual(headersOf(paths['/products/{id}']!.patch!), ['If-Match'])
    assert.deepEqual(headersOf(paths['/orders/{id}/cancel']!.post!), ['Idempotency-Key', 'If-Match'])
    assert.deepEqual(headersOf(paths['/products/{id}']!.get!), [])
    assert.ok('Idempotent-Replayed' in paths['/orders']!.post!.responses['201']!.headers!)
  } finally {
    await shop.stop()
  }
})
