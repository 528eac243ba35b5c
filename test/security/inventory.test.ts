import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { OpenApiDocument } from '../support/answers.ts'
import { noteDocumented } from '../support/answers.ts'
import { type RunningShop, startShop } from '../support/shop.ts'

let shop: RunningShop
let document: OpenApiDocument

before(async () => {
  shop = await startShop()
  document = shop.application.server.document() as OpenApiDocument
})
after(() => shop.stop())

function documented(): Set<string> {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  )
  return new Set(operations)
}

test('API9-01 the document names exactly the routes that there are', () => {
  const registered = shop.application.server.routes
    .filter(({ method }) => method !== 'HEAD' && method !== 'OPTIONS')
    .map(({ method, url }) => `${method} ${url.replaceAll(/:(\w+)/g, '{$1}')}`)
  assert.deepEqual([...new Set(registered)].sort(), [...documented()].sort())
  assert.ok(registered.length > 40)
})

test('API9-02 what is documented is noted, so that the whole run can be held to it', async () => {
  for (const [path, methods] of Object.entries(document.paths))
    for (const [method, { responses }] of Object.entries(methods))
      for (const status of Object.keys(responses))
        if (status !== 'default') noteDocumented(`${method.toUpperCase()} ${path} ${status}`)
  const served = await shop.asGuest().get('/openapi.json')
  assert.equal(served.body.openapi, '3.1.0')
  assert.deepEqual(Object.keys(served.body.paths), Object.keys(document.paths))
})

test('API9-03 addresses of old, internal and test versions are not there', async () => {
  for (const path of [
    '/v0/products',
    '/v1/products',
    '/internal/health',
    '/test/reset',
    '/debug/vars',
    '/admin/debug',
  ])
    assert.equal((await shop.asGuest().get(path)).status, 404, path)
})
