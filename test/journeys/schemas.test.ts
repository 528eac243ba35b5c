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
