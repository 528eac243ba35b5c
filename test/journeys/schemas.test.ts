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

test('a schema that cannot be compiled is found', async () => {
  const served = await serve({
    routes: (app) =>
      app.get(
        '/odd',
        {
          config: { access: 'anyone', bucket: 'browse' },
          schema: {
            tags: ['odd'],
            summary: 'Odd',
            querystring: Type.Object(
              { odd: Type.Unsafe({ type: 'nothing' }) },
              { additionalProperties: false },
            ),
            response: { 200: Type.Null() },
          },
        },
        () => null,
      ),
  })
  try {
    assert.throws(() => served.server.compileSchemas(), /type/)
  } finally {
    await served.close()
  }
})
