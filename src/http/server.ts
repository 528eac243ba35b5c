import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import { fastify } from 'fastify'
import type { Config } from '../config.ts'
import type { Clock } from '../kernel/clock.ts'
import type { Logger } from '../kernel/logger.ts'
import type { UserPrincipal } from '../kernel/principal.ts'
import { demand } from './access.ts'
import { sendOutcome } from './answer.ts'
import type { App } from './app.ts'
import { registerBodyParsers } from './body-parsers.ts'
import { onClientError } from './client-errors.ts'
import { createDeadlines } from './deadlines.ts'
import { ofProtocol, outcomeOf } from './errors.ts'
import { createGate, NotAcceptable } from './gate.ts'
import { registerNotFound } from './not-found.ts'
import { createOverload, type Overload } from './overload.ts'
import { createRateLimits } from './rate-limits.ts'
import { requestId } from './request-id.ts'
import { registerRoutePolicy } from './route-policy.ts'
import { AJV_OPTIONS } from './validation.ts'

const KEEP_ALIVE_MS = 72_000
const HEADERS_TIMEOUT_MS = 8_000
const REQUEST_TIMEOUT_MS = 600_000
const CHECK_INTERVAL_MS = 1_000
const IDLE_SOCKET_MS = 30_000
const REQUESTS_PER_SOCKET = 1_000
const MAX_CONNECTIONS = 10_000
const MAX_PARAMETER_LENGTH = 64
const MAX_HEADER_BYTES = 16 * 1_024
/** How long requests in hand may take after the stop; then their connections are cut. */
const DRAIN_MS = 15_000

export type ServerConfig = Pick<
  Config,
  | 'HOST'
  | 'PORT'
  | 'CORS_ORIGINS'
  | 'TRUST_PROXY'
  | 'METRICS_TOKEN'
  | 'RATE_LIMITS'
  | 'PUBLIC_URL'
  | 'production'
  | 'docs'
>

export interface ServerOptions {
  config: ServerConfig
  clock: Clock
  logger: Logger
  shop: {
    routes(app: App): void
    staffRoutes(app: App): void
    authenticate(token: string, options: { fresh: boolean }): Promise<UserPrincipal>
  }
  /** For tests that want to be turned away. */
  overload?: Overload
}

export interface Server {
  app: App
  /** Answers the address it listens at, as `http://127.0.0.1:8000`. */
  listen(): Promise<string>
  /** Not ready any more, and answers close their connections; requests go on being served. */
  drain(): void
  /** Takes no more requests, waits for those in hand up to 15 s, then cuts them off. */
  close(): Promise<void>
}

/** Builds the server with all its routes; rejects when a route does not say who may call it and what it answers. */
export async function createServer(options: ServerOptions): Promise<Server> {
  const { config, clock, logger, shop } = options
  let draining = false
  const deadlines = createDeadlines()
  const overload = options.overload ?? createOverload()
  const limits = createRateLimits({ enabled: config.RATE_LIMITS, clock })
  const app = createFastify()
  app.server.headersTimeout = HEADERS_TIMEOUT_MS
  app.server.maxConnections = MAX_CONNECTIONS
  if (app.server.headersTimeout > app.server.requestTimeout)
    throw new Error('headersTimeout must not be above requestTimeout: Node.js would swap them')

  app.setErrorHandler((error, request, reply) => {
    const outcome = error instanceof NotAcceptable ? ofProtocol('not_acceptable') : outcomeOf(error)
    if (outcome.bug)
      logger.error(
        { request_id: request.id, route: request.routeOptions.url, err: error },
        'a request failed',
      )
    return sendOutcome(request, reply, outcome)
  })
  registerBodyParsers(app)
  const gate = createGate({
    authenticate: shop.authenticate,
    origins: new Set(config.CORS_ORIGINS),
    trust_proxy: config.TRUST_PROXY,
    secure: config.production,
    limits,
    overload,
    deadlines,
    isDraining: () => draining,
  })
  registerRoutePolicy(app, { gate, limits, deadlines, secure: config.production })
  registerNotFound(app, gate)

  await app.register(async (scope) => shop.routes(scope as unknown as App))
  await app.register(async (scope) => {
    scope.addHook('onRoute', (route) => {
      const access = route.config?.access
      if (access !== 'staff' && access !== 'super')
        throw new Error(`${route.url} lies under the staff scope, but its access is ${access}`)
    })
    // The gate has asked already; this holds even for a route that somebody registers past it.
    scope.addHook('preValidation', async (request) => demand('staff', request.principal))
    shop.staffRoutes(scope as unknown as App)
  })

  const sweep = setInterval(() => limits.sweep(), 60_000)
  sweep.unref()
  return {
    app,
    listen: () => app.listen({ host: config.HOST, port: config.PORT }),
    drain() {
      draining = true
    },
    async close() {
      draining = true
      const cut = setTimeout(() => app.server.closeAllConnections(), DRAIN_MS)
      await app.close()
      clearTimeout(cut)
      clearInterval(sweep)
      deadlines.stop()
      overload.stop()
    },
  }
}

function createFastify(): App {
  return fastify({
    ajv: { customOptions: AJV_OPTIONS },
    bodyLimit: 64 * 1_024,
    requestTimeout: REQUEST_TIMEOUT_MS,
    connectionTimeout: IDLE_SOCKET_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    maxRequestsPerSocket: REQUESTS_PER_SOCKET,
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    genReqId: requestId,
    requestIdHeader: false,
    routerOptions: { maxParamLength: MAX_PARAMETER_LENGTH, ignoreTrailingSlash: false, caseSensitive: true },
    http: {
      headersTimeout: HEADERS_TIMEOUT_MS,
      connectionsCheckingInterval: CHECK_INTERVAL_MS,
      maxHeaderSize: MAX_HEADER_BYTES,
      insecureHTTPParser: false,
      requireHostHeader: true,
    },
    clientErrorHandler: onClientError,
    frameworkErrors: (error, request, reply) => sendOutcome(request, reply, outcomeOf(error)),
  }).withTypeProvider<TypeBoxTypeProvider>()
}
