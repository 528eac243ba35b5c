import { connect } from 'node:net'
import type { Call } from './client.ts'

const CONNECT_TIMEOUT_MS = 10_000

/**
 * Starts a request on a connection of its own and breaks off: in the middle of the body, or when all is sent
 * and the answer is on its way. What the server makes of it is not known; the caller repeats the request.
 */
export function cutRequest(url: URL, call: Call, where: 'in the body' | 'before the answer'): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const body = JSON.stringify(call.body ?? {})
  const head = [
    `${call.method} ${call.path} HTTP/1.1`,
    `host: ${url.host}`,
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
    ...(call.token ? [`authorization: Bearer ${call.token}`] : []),
    ...(call.session ? [`x-session-id: ${call.session}`] : []),
    ...(call.key ? [`idempotency-key: ${call.key}`] : []),
  ].join('\r\n')
  const sent = where === 'in the body' ? body.slice(0, Math.ceil(body.length / 2)) : body
  const socket = connect(Number(url.port), url.hostname)
  socket.setTimeout(CONNECT_TIMEOUT_MS, () => socket.destroy())
  socket.on('error', () => {})
  socket.on('close', () => resolve())
  socket.on('connect', () =>
    socket.write(`${head}\r\n\r\n${sent}`, () => setImmediate(() => socket.destroy())),
  )
  return promise
}
