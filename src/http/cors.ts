import type { FastifyReply, FastifyRequest } from 'fastify'

const METHODS = 'GET, HEAD, POST, PUT, PATCH, DELETE'
const TAKEN =
  'authorization, content-type, idempotency-key, if-match, if-none-match, traceparent, x-request-id, x-session-id'
const EXPOSED =
  'etag, idempotent-replayed, location, ratelimit, ratelimit-policy, retry-after, x-request-id, x-session-id'
const PREFLIGHT_SECONDS = '600'

/** Lets pages of exactly these origins read the answer; others get no header at all, and never `*`. */
export function allowOrigin(
  request: FastifyRequest,
  reply: FastifyReply,
  origins: ReadonlySet<string>,
): boolean {
  const { origin } = request.headers
  if (origin === undefined) return false
  if (!origins.has(origin)) return false
  reply.header('access-control-allow-origin', origin)
  reply.header('access-control-allow-credentials', 'true')
  reply.header('access-control-expose-headers', EXPOSED)
  return true
}

export function isPreflight(request: FastifyRequest): boolean {
  return (
    request.method === 'OPTIONS' &&
    request.headers.origin !== undefined &&
    request.headers['access-control-request-method'] !== undefined
  )
}

/** The answer to a preflight: what a page of an allowed origin may send. */
export function answerPreflight(
  request: FastifyRequest,
  reply: FastifyReply,
  origins: ReadonlySet<string>,
): void {
  if (allowOrigin(request, reply, origins)) {
    reply.header('access-control-allow-methods', METHODS)
    reply.header('access-control-allow-headers', TAKEN)
    reply.header('access-control-max-age', PREFLIGHT_SECONDS)
  }
  reply.code(204).send()
}
