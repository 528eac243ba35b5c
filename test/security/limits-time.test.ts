import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { Type } from 'typebox'
import { sendRaw, statusOf } from '../support/http-raw.ts'
import { type Served, serve } from '../support/http-server.ts'

const PATIENCE_MS = 60_000
let served: Served

before(async () => {
  served = await serve({
    routes(app) {
      const response = { 200: Type.Object({}) }
      app.get('/fine', { config: { access: 'anyone' }, schema: { response } }, async () => ({}))
      app.post('/fine', { config: { access: 'anyone' }, schema: { response } }, async () => ({}))
      const config = { access: 'anyone', deadline_ms: 500 } as const
      app.get(
        '/slow',
        { config, schema: { response } },
        () => new Promise((resolve) => setTimeout(resolve, 3_000, {})),
      )
      app.get(
        '/large',
        {
          config: { access: 'anyone', produces: 'text/plain' },
          schema: { response: { 200: Type.String() } },
        },
        async () => 'x'.repeat(50_000_000),
      )
    },
  })
})
after(() => served.close())

/** Writes one byte a second; resolves to what came back and after how long. */
async function trickle(head: string, rest: string): Promise<{ answer: string; seconds: number }> {
  const began = performance.now()
  const { hostname, port } = new URL(served.url)
  const socket = connect(Number(port), hostname)
  let answer = ''
  let at = 0
  const timer = setInterval(() => socket.write(rest[at++ % rest.length]!), 1_000)
  socket.on('data', (chunk) => {
    clearInterval(timer)
    answer += chunk
  })
  socket.on('error', () => {})
  socket.write(head)
  // A byte that crosses the end of the connection resets it; what was answered counts all the same.
  await new Promise((closed) => socket.once('close', closed))
  clearInterval(timer)
  return { answer, seconds: (performance.now() - began) / 1_000 }
}

describe('time', { concurrency: true, timeout: PATIENCE_MS }, () => {
  test('API4-07 headers that trickle are cut off within 10 s', async () => {
    const { answer, seconds } = await trickle('GET /fine HTTP/1.1\r\nhost: x\r\nx-slow: ', 'abc')
    assert.equal(statusOf(answer), 408)
    assert.ok(seconds < 11, `${seconds} s`)
  })

  test('API4-08 a body that trickles is cut off within 15 s and the check interval', async () => {
    const head =
      'POST /fine HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n'
    const { answer, seconds } = await trickle(head, ' ')
    assert.equal(statusOf(answer), 408)
    assert.match(answer, /request_timeout/)
    assert.ok(seconds > 14 && seconds < 18, `${seconds} s`)
  })

  test('API4-09 hundreds of connections that say nothing do not hold up a reader', async () => {
    const { hostname, port } = new URL(served.url)
    const idle: Socket[] = []
    for (let index = 0; index < 500; index++) {
      const socket = connect(Number(port), hostname)
      socket.on('error', () => {})
      socket.resume()
      socket.write('GET /fine HTTP/1.1\r\nhost: x\r\nx-slow: a')
      idle.push(socket)
    }
    assert.equal((await served.client.get('/fine')).status, 200)
    await Promise.all(idle.map((socket) => once(socket, 'close')))
    assert.equal((await served.client.get('/fine')).status, 200)
  })

  test('a handler that takes too long is answered for', async () => {
    const answer = await served.client.get('/slow')
    assert.equal(answer.status, 503)
    assert.equal(answer.body.code, 'too_slow')
  })

  test('a client that never reads its answer is dropped', async () => {
    const { hostname, port } = new URL(served.url)
    const socket = connect(Number(port), hostname)
    socket.on('error', () => {})
    socket.pause()
    socket.write('GET /large HTTP/1.1\r\nhost: x\r\n\r\n')
    const inHand = async () =>
      /http_requests_in_hand (\d+)/.exec((await served.client.get('/metrics')).text)?.[1]
    const wait = () => new Promise((resolve) => setTimeout(resolve, 500))
    while (Number(await inHand()) < 2) await wait()
    // The only request in hand then is the one that asks.
    while (Number(await inHand()) > 1) await wait()
    socket.destroy()
  })
})

test('a stop lets the request in hand end and says that the connection closes', async () => {
  const stopping = await serve({
    routes(app) {
      const response = { 200: Type.Object({}) }
      const wait = () => new Promise<object>((resolve) => setTimeout(resolve, 500, {}))
      app.get('/slow', { config: { access: 'anyone' }, schema: { response } }, wait)
    },
  })
  assert.equal((await stopping.client.get('/health/ready')).status, 200)
  stopping.server.drain()
  const ready = await stopping.client.get('/health/ready')
  assert.equal(ready.status, 503)
  assert.equal(ready.headers.get('connection'), 'close')
  const inHand = sendRaw(stopping.url, 'GET /slow HTTP/1.1\r\nhost: x\r\n\r\n')
  while (!/in_hand 2/.test((await stopping.client.get('/metrics')).text));
  await stopping.close()
  assert.equal(statusOf(await inHand), 200)
})

test('a stop does not wait for a connection that was kept alive for more, once its request is answered', async () => {
  const { promise: arrived, resolve: arrive } = Promise.withResolvers<void>()
  const { promise: mayAnswer, resolve: answer } = Promise.withResolvers<object>()
  const stopping = await serve({
    routes(app) {
      const response = { 200: Type.Object({}) }
      app.get('/slow', { config: { access: 'anyone' }, schema: { response } }, () => {
        arrive()
        return mayAnswer
      })
    },
  })
  const inHand = fetch(`${stopping.url}/slow`)
  await arrived
  const began = performance.now()
  const stopped = stopping.close()
  setImmediate(answer, {})
  assert.equal((await inHand).status, 200)
  await stopped
  assert.ok(performance.now() - began < 10_000, 'the connection was cut at the end of the drain')
})
