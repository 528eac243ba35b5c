import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Type } from 'typebox'
import { sendRaw, statusOf } from '../support/http-raw.ts'
import { type Served, serve } from '../support/http-server.ts'

const nothing = { 200: Type.Object({}) }
let served: Served

before(async () => {
  served = await serve({
    routes(app) {
      app.get('/fine', { config: { access: 'anyone' }, schema: { response: nothing } }, async () => ({}))
      app.get('/broken', { config: { access: 'anyone' }, schema: { response: nothing } }, async () => {
        throw new Error('password of the database is hunter2')
      })
      const body = Type.Object({ name: Type.String() }, { additionalProperties: false })
      app.post(
        '/fine',
        { config: { access: 'anyone' }, schema: { body, response: nothing } },
        async () => ({}),
      )
    },
  })
})
after(() => served.close())

test('API8-04 a bug answers 500 without a word of its inside; the log has it', async () => {
  const { status, text, body } = await served.client.get('/broken')
  assert.equal(status, 500)
  assert.equal(body.code, 'internal_error')
  assert.ok(!text.includes('hunter2') && !text.includes('.ts'))
  const logged = served.log.find(([level]) => level === 'error')
  assert.ok(logged)
  const [, details] = logged as [string, { request_id: string; err: Error }, string]
  assert.equal(details.request_id, body.request_id)
  assert.match(String(details.err.stack), /hunter2/)
})

test('API8-05 pages of foreign origins may read nothing, never a star', async () => {
  for (const origin of [
    'https://evil.example',
    'http://localhost:3000.evil.example',
    'null',
    'http://localhost:3001',
  ]) {
    const { headers } = await served.client.get('/fine', { origin })
    assert.equal(headers.get('access-control-allow-origin'), null, origin)
  }
  const { headers } = await served.client.get('/fine', { origin: 'http://localhost:3000' })
  assert.equal(headers.get('access-control-allow-origin'), 'http://localhost:3000')
  assert.equal(headers.get('access-control-allow-credentials'), 'true')
  assert.match(headers.get('vary')!, /origin/i)
  const preflight = { 'access-control-request-method': 'POST', origin: 'http://localhost:3000' }
  const allowed = await served.client.request('OPTIONS', '/fine', { headers: preflight })
  assert.match(allowed.headers.get('access-control-allow-headers')!, /idempotency-key/)
  const foreign = await served.client.request('OPTIONS', '/fine', {
    headers: { ...preflight, origin: 'https://evil.example' },
  })
  assert.equal(foreign.headers.get('access-control-allow-methods'), null)
})

test('API8-06 methods that an address does not know are refused', async () => {
  for (const method of ['TRACE', 'PROPFIND', 'QUERY', 'NONSENSE']) {
    const answer = await sendRaw(
      served.url,
      `${method} /fine HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`,
    )
    assert.ok([400, 404, 405, 501].includes(statusOf(answer)), `${method}: ${statusOf(answer)}`)
  }
  const { status, headers } = await served.client.delete('/fine')
  assert.equal(status, 405)
  assert.equal(headers.get('allow'), 'GET, HEAD, POST, OPTIONS')
})

test('API8-09 requests that two readers would read differently are refused and the connection closed', async () => {
  const body = '{"name":"a"}'
  const post = (headers: string) =>
    `POST /fine HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n${headers}\r\n\r\n`
  const bad = [
    `${post(`content-length: ${body.length}\r\ntransfer-encoding: chunked`)}c\r\n${body}\r\n0\r\n\r\n`,
    `${post(`content-length: ${body.length}\r\ncontent-length: 5`)}${body}`,
    `${post('transfer-encoding: xchunked')}${body}`,
    'GET /fine HTTP/1.1\nhost: x\n\n',
    'GET /fine HTTP/1.1\r\n\r\n',
    'GET /fine HTTP/1.1\r\nhost: x\r\n folded: y\r\nbad header\r\n\r\n',
  ]
  for (const request of bad) {
    const answer = await sendRaw(served.url, request, 5_000)
    assert.equal(statusOf(answer), 400, `${request.slice(0, 120)} → ${answer.slice(0, 60)}`)
    assert.match(answer, /connection: close/i)
  }
})

test('API4-10 a header block or an address that is too long is refused', async () => {
  const long = `GET /fine HTTP/1.1\r\nhost: x\r\nx-long: ${'a'.repeat(17_000)}\r\n\r\n`
  const answer = await sendRaw(served.url, long)
  assert.equal(statusOf(answer), 431)
  assert.match(answer, /headers_too_large/)
  assert.equal(
    statusOf(await sendRaw(served.url, `GET /${'a'.repeat(20_000)} HTTP/1.1\r\nhost: x\r\n\r\n`)),
    431,
  )
  assert.equal((await served.client.get(`/fine/${'a'.repeat(10_000)}`)).status, 404)
})

test('API8-11 line breaks in what a caller names reach neither headers nor the log', async () => {
  const odd = 'GET /fine HTTP/1.1\r\nhost: x\r\nconnection: close\r\nx-request-id: a b\tc\r\n\r\n'
  const answer = await sendRaw(served.url, odd)
  assert.doesNotMatch(answer, /a b\tc/)
  const { headers } = await served.client.get('/fine', { 'x-request-id': 'caller-17' })
  assert.equal(headers.get('x-request-id'), 'caller-17')
  const broken = await sendRaw(
    served.url,
    'GET /%0d%0aset-cookie:x=1 HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n',
  )
  assert.equal(statusOf(broken), 404)
  assert.doesNotMatch(broken, /set-cookie/)
})

test('API8-13 every answer carries the headers that browsers need and none that tell what serves', async () => {
  for (const path of ['/fine', '/none', '/broken', '/fine?x=1', '/%zz', '/docs']) {
    const { headers } = await served.client.get(path)
    assert.equal(headers.get('x-content-type-options'), 'nosniff', path)
    assert.ok(headers.get('x-request-id'), path)
    assert.equal(headers.get('server'), null)
    assert.equal(headers.get('x-powered-by'), null)
    assert.match(headers.get('content-type')!, /^(application\/(problem\+)?json|text\/html); charset=utf-8$/)
  }
})

test('406 where the answer could not be read', async () => {
  assert.equal((await served.client.get('/fine', { accept: 'text/html' })).status, 406)
  for (const accept of ['application/*', 'text/html, */*;q=0.1', 'application/json'])
    assert.equal((await served.client.get('/fine', { accept })).status, 200, accept)
})
