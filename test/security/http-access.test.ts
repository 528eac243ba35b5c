import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Type } from 'typebox'
import type { App } from '../../src/http/app.ts'
import { createClient } from '../support/http-client.ts'
import { sendRaw, statusOf } from '../support/http-raw.ts'
import { type Served, serve } from '../support/http-server.ts'

const nothing = { 200: Type.Object({}) }
let served: Served
let written = 0

before(async () => {
  served = await serve({
    routes(app) {
      app.get('/mine', { config: { access: 'user' }, schema: { response: nothing } }, async () => ({}))
      app.post(
        '/write',
        { config: { access: 'anyone', guestSession: true }, schema: { response: nothing } },
        async () => {
          written++
          return {}
        },
      )
    },
    staffRoutes(app) {
      app.get(
        '/admin/figures',
        { config: { access: 'staff' }, schema: { response: nothing } },
        async () => ({}),
      )
      app.get(
        '/admin/secrets',
        { config: { access: 'super' }, schema: { response: nothing } },
        async () => ({}),
      )
    },
  })
})
after(() => served.close())

test('each role sees its own routes and no more', async () => {
  const wanted = {
    '/mine': [401, 200, 200, 200],
    '/admin/figures': [401, 403, 200, 200],
    '/admin/secrets': [401, 403, 403, 200],
  }
  for (const [path, statuses] of Object.entries(wanted)) {
    const clients = [served.client, served.as('customer'), served.as('admin'), served.as('super_admin')]
    assert.deepEqual(
      await Promise.all(clients.map(async (client) => (await client.get(path)).status)),
      statuses,
      path,
    )
  }
  assert.equal((await served.client.get('/mine')).headers.get('www-authenticate'), 'Bearer')
})

test('API2-15 a token anywhere but in one well-formed header is none', async () => {
  assert.equal((await served.client.get('/mine?access_token=customer')).status, 401)
  for (const authorization of [
    'bearer\tcustomer',
    'Bearer  customer',
    'Basic Y3VzdG9tZXI6',
    'customer',
    'Bearer',
    'Bearer a b',
  ])
    assert.equal((await served.client.get('/mine', { authorization })).status, 401, authorization)
  const two = 'authorization: Bearer customer\r\n'.repeat(2)
  assert.equal(
    statusOf(await sendRaw(served.url, `GET /mine HTTP/1.1\r\nhost: x\r\nconnection: close\r\n${two}\r\n`)),
    401,
  )
})

test('API5-06 headers and fields that rename the method are ignored', async () => {
  const headers = { 'x-http-method-override': 'DELETE', 'x-method-override': 'DELETE' }
  assert.equal((await served.as('customer').get('/mine', headers)).status, 200)
  assert.equal((await served.as('customer').get('/mine?_method=DELETE')).status, 400)
})

test('API5-07 another spelling of a staff address is the same address or none', async () => {
  for (const path of [
    '//admin/figures',
    '/Admin/figures',
    '/admin/figures/',
    '/admin;x/figures',
    '/%61dmin/figures',
    '/admin%2ffigures',
    '/./admin/figures',
    '/mine/../admin/figures',
  ]) {
    const answer = await sendRaw(served.url, `GET ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`)
    assert.ok([401, 404].includes(statusOf(answer)), `${path}: ${statusOf(answer)}`)
  }
})

test('API5-08 HEAD and OPTIONS ask for the same rights as GET and tell nothing else', async () => {
  for (const method of ['HEAD', 'OPTIONS']) {
    assert.equal((await served.client.request(method, '/admin/figures')).status, 401, method)
    assert.equal((await served.as('customer').request(method, '/admin/figures')).status, 403, method)
    const allowed = await served.as('admin').request(method, '/admin/figures')
    assert.ok([200, 204].includes(allowed.status))
    assert.equal(allowed.text, '')
  }
})

test('API5-09 a route that names no access stops the start', async () => {
  const open = (app: App) => app.get('/open', { schema: { response: nothing } }, async () => ({}))
  await assert.rejects(serve({ routes: open }), /GET \/open names no access/)
  const astray = (app: App) =>
    app.get('/open', { config: { access: 'anyone' }, schema: { response: nothing } }, async () => ({}))
  await assert.rejects(serve({ staffRoutes: astray }), /staff scope/)
})

test('API3-17 a route without a schema of its answers, or with an open body, stops the start', async () => {
  const bare = (app: App) => app.get('/bare', { config: { access: 'anyone' } }, async () => ({}))
  await assert.rejects(serve({ routes: bare }), /GET \/bare has no response schema/)
  const body = Type.Object({ a: Type.Object({ b: Type.String() }) }, { additionalProperties: false })
  const loose = (app: App) =>
    app.post(
      '/loose',
      { config: { access: 'anyone' }, schema: { body, response: nothing } },
      async () => ({}),
    )
  await assert.rejects(serve({ routes: loose }), /POST \/loose: body\/a is open/)
})

test('API8-17 a page of another site cannot write with the cookie of a guest', async () => {
  const first = await served.client.post('/write')
  const cookie = first.headers.get('set-cookie')!
  assert.match(cookie, /^session_id=[\w-]{43}; Path=\/; Max-Age=\d+; HttpOnly; SameSite=Lax$/)
  assert.match(cookie, new RegExp(first.headers.get('x-session-id')!))
  const browser = createClient({ url: served.url, headers: { cookie: cookie.split(';')[0]! } })
  const before = written
  const foreign: Record<string, string>[] = [
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { 'sec-fetch-site': 'cross-site' },
  ]
  for (const headers of foreign)
    assert.equal((await browser.post('/write', undefined, headers)).body?.code, 'foreign_origin')
  assert.equal(written, before)
  assert.equal((await browser.post('/write', undefined, { origin: 'http://localhost:3000' })).status, 200)
  assert.equal((await browser.post('/write')).status, 200)
})
