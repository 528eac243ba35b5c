import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Type } from 'typebox'
import type { Answer } from '../support/http-client.ts'
import { sendRaw, statusOf } from '../support/http-raw.ts'
import { type Served, serve } from '../support/http-server.ts'

/** A body of a cart line, and one that takes any JSON, as the door for events does. */
let served: Served
let handled = 0

before(async () => {
  served = await serve({
    routes(app) {
      const line = Type.Object(
        {
          quantity: Type.Integer({ minimum: 1, maximum: 100_000 }),
          name: Type.Optional(Type.String({ maxLength: 200 })),
        },
        { additionalProperties: false },
      )
      const answer = { 200: Type.Object({ quantity: Type.Integer() }) }
      app.post(
        '/lines',
        { config: { access: 'anyone' }, schema: { body: line, response: answer } },
        async (request) => {
          handled++
          return { quantity: request.body.quantity }
        },
      )
    },
  })
})
after(() => served.close())

async function refused(raw: string, status: number, headers: Record<string, string> = {}): Promise<Answer> {
  const before = handled
  const answer = await served.client.request('POST', '/lines', { raw, headers })
  assert.equal(answer.status, status, `${raw.slice(0, 60)}: ${answer.text}`)
  assert.ok(answer.body.code && answer.body.request_id)
  assert.ok(!answer.text.includes('stack'))
  assert.equal(handled, before, 'the handler must not have run')
  return answer
}

test('API3-06 a quantity is a whole number or refused, never turned into one', async () => {
  for (const quantity of ['true', '"1"', '[1]', '1.5', '0', '-1', '1e9', 'null'])
    await refused(`{"quantity":${quantity}}`, 422)
  for (const quantity of ['9007199254740993', '1e400', '-1e400', '1e20'])
    await refused(`{"quantity":${quantity}}`, 400)
  assert.equal((await served.client.post('/lines', { quantity: 1 })).status, 200)
})

test('API3-12 keys that reach into prototypes are refused, escaped ones too', async () => {
  for (const body of [
    '{"quantity":1,"__proto__":{"admin":true}}',
    '{"quantity":1,"\\u005f_proto__":{"admin":true}}',
    '{"quantity":1,"constructor":{"prototype":{}}}',
  ])
    assert.equal((await refused(body, 400)).body.code, 'forbidden_key')
  assert.equal(({} as { admin?: boolean }).admin, undefined)
})

test('API3-14 an object with one key twice is refused', async () => {
  for (const body of [
    '{"quantity":1,"quantity":99}',
    '{"quantity":1,"q\\u0075antity":99}',
    '{"a":{"b":1,"b":1}}',
  ])
    assert.equal((await refused(body, 400)).body.code, 'duplicate_key')
})

test('API4-01 a body one byte over the limit is refused, with and without a length', async () => {
  const limit = 64 * 1_024
  const fits = JSON.stringify({ quantity: 1 }).padEnd(limit, ' ')
  assert.equal((await served.client.request('POST', '/lines', { raw: fits })).status, 200)
  const answer = await refused(`${fits} `, 413)
  assert.equal(answer.headers.get('connection'), 'close')
  const chunk = `${(limit + 1).toString(16)}\r\n${fits} \r\n0\r\n\r\n`
  const head =
    'POST /lines HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n'
  const raw = await sendRaw(served.url, head + chunk)
  assert.equal(statusOf(raw), 413)
  assert.match(raw, /connection: close/i)
})

test('API4-02 a body nested too deep is refused before it is parsed', async () => {
  for (const depth of [33, 5_000, 30_000]) {
    const answer = await refused('['.repeat(depth) + ']'.repeat(depth), 400)
    assert.equal(answer.body.code, 'json_too_deep')
  }
  const deep = `{"quantity":${'['.repeat(31)}${']'.repeat(31)}}`
  await refused(deep, 422)
})

test('API4-03 too many keys or too long a text is refused', async () => {
  const keys = Array.from({ length: 1_001 }, (_, index) => `"${index}":1`).join(',')
  assert.equal((await refused(`{${keys}}`, 400)).body.code, 'too_many_keys')
  await refused(JSON.stringify({ quantity: 1, name: 'x'.repeat(50_000) }), 422)
  await refused(JSON.stringify({ quantity: 1, name: 'x'.repeat(1_000_000) }), 413)
})

test('API4-04 compressed bodies are refused where none are expected', async () => {
  for (const encoding of ['gzip', 'br', 'deflate'])
    assert.equal(
      (await refused('{"quantity":1}', 415, { 'content-encoding': encoding })).body.code,
      'unsupported_encoding',
    )
})

test('API8-07 a body without a known type is refused', async () => {
  const types = [
    '',
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'text/json',
  ]
  for (const type of types) await refused('{"quantity":1}', 415, { 'content-type': type })
  const head = 'POST /lines HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 14\r\n\r\n'
  assert.equal(statusOf(await sendRaw(served.url, `${head}{"quantity":1}`)), 415)
})

test('API8-08 an odd spelling of the type never lets a bad body through', async () => {
  for (const type of [
    'application/json\t;x',
    'APPLICATION/JSON',
    'application/json;',
    'application/json garbage',
  ]) {
    const answer = await served.client.request('POST', '/lines', {
      raw: '{"quantity":"1"}',
      headers: { 'content-type': type },
    })
    assert.ok([400, 415, 422].includes(answer.status), `${type}: ${answer.status}`)
  }
})

test('a body that is not UTF-8 or not JSON is refused', async () => {
  const bytes = Buffer.concat([
    Buffer.from('{"quantity":1,"name":"'),
    Buffer.from([0xff, 0xfe]),
    Buffer.from('"}'),
  ])
  const answer = await served.client.request('POST', '/lines', { raw: bytes })
  assert.equal(answer.body.code, 'bad_encoding')
  for (const body of ['{', '{"quantity":1}}', '{"a":"', '"\\', 'nul', '{quantity:1}'])
    await refused(body, 400)
})
