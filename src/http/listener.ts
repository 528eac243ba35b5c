import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import { fastify } from 'fastify'
import { sendOutcome } from './answer.ts'
import type { App } from './app.ts'
import { onClientError } from './client-errors.ts'
import { compileWhenFirstUsed } from './compilers.ts'
import { outcomeOf } from './errors.ts'
import { newRequestId, requestId } from './request-id.ts'
import { BODY_LIMIT, SECURITY_HEADERS } from './route-plan.ts'
import { AJV_OPTIONS } from './validation.ts'

/** Every limit of the connection, stated: some defaults of Fastify and Node.js are "none". */
const KEEP_ALIVE_MS = 72_000
const HEADERS_TIMEOUT_MS = 8_000
/** For uploads; the bodies of all other routes have their own deadline (deadlines.ts). */
const REQUEST_TIMEOUT_MS = 600_000
const CHECK_INTERVAL_MS = 1_000
const IDLE_SOCKET_MS = 30_000
const MAX_CONNECTIONS = 10_000
const MAX_PARAMETER_LENGTH = 64
const MAX_HEADER_BYTES = 16 * 1_024

/** Fastify with its limits, before any route; and what compiles the schemas that no request has met yet. */
export function createListener(): { app: App; compileSchemas(): void } {
  const app = fastify({
    // Also for a scope that brings schemas of its own, whose compiler Fastify makes itself.
    ajv: { customOptions: AJV_OPTIONS },
    bodyLimit: BODY_LIMIT,
    requestTimeout: REQUEST_TIMEOUT_MS,
    connectionTimeout: IDLE_SOCKET_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    // Late requests are served until their connection closes; the answer says `Connection: close`.
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    genReqId: requestId,
    requestIdHeader: false,
    routerOptions: {
      maxParamLength: MAX_PARAMETER_LENGTH,
      ignoreTrailingSlash: false,
      ignoreDuplicateSlashes: false,
      caseSensitive: true,
    },
    http: {
      headersTimeout: HEADERS_TIMEOUT_MS,
      connectionsCheckingInterval: CHECK_INTERVAL_MS,
      maxHeaderSize: MAX_HEADER_BYTES,
      insecureHTTPParser: false,
      requireHostHeader: true,
    },
    clientErrorHandler: onClientError,
    frameworkErrors: (error, request, reply) => {
      reply.headers(SECURITY_HEADERS).header('x-request-id', request.id ?? newRequestId())
      sendOutcome(request, reply, outcomeOf(error))
    },
  }).withTypeProvider<TypeBoxTypeProvider>()
  const compileSchemas = compileWhenFirstUsed(app)
  const { server } = app
  server.maxConnections = MAX_CONNECTIONS
  if (server.headersTimeout !== HEADERS_TIMEOUT_MS || server.headersTimeout > server.requestTimeout)
    throw new Error('headersTimeout must be set and not above requestTimeout: Node.js would swap them')
  return { app, compileSchemas }
}
