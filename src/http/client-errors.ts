import type { Socket } from 'node:net'
import { ofProtocol } from './errors.ts'
import { problemOf } from './problem.ts'
import type { HttpProblemCode } from './protocol-problems.ts'
import { newRequestId } from './request-id.ts'
import { STATUS_CODES } from './status-texts.ts'

const CODES: Record<string, HttpProblemCode> = {
  ERR_HTTP_REQUEST_TIMEOUT: 'request_timeout',
  HPE_HEADER_OVERFLOW: 'headers_too_large',
}

/** Answers what Node.js could not read as a request, and closes the connection. */
export function onClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const outcome = ofProtocol(CODES[error.code ?? ''] ?? 'bad_request')
  const body = JSON.stringify(problemOf(outcome, newRequestId()))
  socket.end(
    [
      `HTTP/1.1 ${outcome.status} ${STATUS_CODES[outcome.status]}`,
      'content-type: application/problem+json; charset=utf-8',
      `content-length: ${Buffer.byteLength(body)}`,
      'x-content-type-options: nosniff',
      'connection: close',
      '',
      body,
    ].join('\r\n'),
  )
  socket.destroySoon()
}
