import assert from 'node:assert/strict'
import { resolve } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { createAnswerChecker } from '../support/answers.ts'
import { bodyOf, fill, type NamedAnswer, readApiFile } from '../support/api-file.ts'
import { type RunningShop, startShop } from '../support/shop.ts'

const FILE = resolve(import.meta.dirname, '../../api.http')
const { variables, requests } = readApiFile(FILE)

describe('api.http, sent from top to bottom to a fresh shop', () => {
  let shop: RunningShop
  let checker: ReturnType<typeof createAnswerChecker>
  const answers = new Map<string, NamedAnswer>()

  before(async () => {
    shop = await startShop()
    variables.host = shop.url
    checker = createAnswerChecker(shop.application.server.document() as never)
  })
  after(() => shop.stop())

  for (const request of requests) {
    test(`${request.title}: ${request.method} ${request.url.replace('{{host}}', '')}`, async () => {
      const filled = (text: string) => fill(text, variables, answers)
      const headers = Object.fromEntries(
        Object.entries(request.headers).map(([name, value]) => [name, filled(value)]),
      )
      const answer = await fetch(filled(request.url), {
        method: request.method,
        headers,
        ...(request.body && { body: bodyOf(filled(request.body), FILE) }),
      })
      const text = await answer.text()
      assert.equal(answer.status, request.expect, text)
      const { method } = request
      const path = filled(request.url).slice(shop.url.length)
      if (!path.startsWith('/docs'))
        checker.check({ method, path, status: answer.status, headers: answer.headers, text })
      if (path === '/events') assert.deepEqual(JSON.parse(text).rejected, [])
      if (request.name) answers.set(request.name, { body: JSON.parse(text), headers: answer.headers })
    })
  }

  test('it has a request for every endpoint', () => {
    const sent = new Set(requests.map(({ method, url }) => `${method} ${pattern(url)}`))
    const routes = shop.application.server.routes.map(({ method, url }) => `${method} ${url}`)
    const missing = routes.filter(
      (route) => /^(GET|POST|PUT|PATCH|DELETE) /.test(route) && !sent.has(route) && !/ \/docs/.test(route),
    )
    assert.deepEqual(missing, [], 'api.http lacks these; add a request with # @expect')
  })
})

/** The route that a request of the file goes to. */
function pattern(url: string): string {
  const path = url.replace('{{host}}', '').replace(/\?.*/, '')
  return path
    .replace(/\{\{[^}]+\.action\.url\}\}/, '/payments/test/actions/:action')
    .replace('/payments/webhooks/test', '/payments/webhooks/:provider')
    .replace(/\/payments\/\{\{[^}]+\}\}/, '/payments/:payment_id')
    .replace(/\{\{[^}]+\.sizes\.small\}\}/, '/media/:key/:file')
    .replace(/\/images\/\{\{[^}]+\}\}/, '/images/:image_id')
    .replace(/\/returns\/\{\{[^}]+\}\}/, '/returns/:return_id')
    .replace(/\/(cart|wishlist)\/items\/\{\{[^}]+\}\}/, '/$1/items/:product_id')
    .replace(/\/wishlists\/\{\{[^}]+\}\}/, '/wishlists/:token')
    .replace(/\/dead-letters\/[^/]+/, '/dead-letters/:id')
    .replaceAll(/\{\{[^}]+\}\}/g, ':id')
}
