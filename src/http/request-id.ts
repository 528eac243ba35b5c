import { randomBytes } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

const SANE = /^[A-Za-z0-9._:/+=-]{1,64}$/
const TRACEPARENT = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/
const start = randomBytes(6).toString('base64url')
let count = 0

/** The caller's X-Request-Id when it is sane, else one of our own. */
export function requestId(raw: IncomingMessage): string {
  const given = raw.headers['x-request-id']
  return typeof given === 'string' && SANE.test(given) ? given : newRequestId()
}

/** Unique to this start and request; a counter is enough and costs nothing. */
export function newRequestId(): string {
  count += 1
  return `${start}-${count.toString(36)}`
}

/** The W3C trace context of a request, for the log; undefined when there is none or it is damaged. */
export function traceparent(raw: IncomingMessage): string | undefined {
  const given = raw.headers.traceparent
  return typeof given === 'string' && TRACEPARENT.test(given) ? given : undefined
}
