import type { Config } from '../config.ts'
import type { Clock } from '../kernel/clock.ts'
import type { Logger } from '../kernel/logger.ts'
import type { Nodes } from '../kernel/nodes.ts'
import { periodically } from '../kernel/periodic.ts'
import type { UserPrincipal } from '../kernel/principal.ts'
import type { Collection } from '../storage/storage.ts'
import { demand } from './access.ts'
import { sendOutcome } from './answer.ts'
import type { App } from './app.ts'
import { otherBodyWanted, registerBodyParsers } from './body-parsers.ts'
import { isLoopback } from './client-address.ts'
import { createDeadlines } from './deadlines.ts'
import { documentRoutes, registerPages } from './documents.ts'
import { outcomeOf } from './errors.ts'
import { createGate } from './gate.ts'
import { healthRoutes } from './health.ts'
import type { Checks } from './health-checks.ts'
import type { Metric } from './histogram.ts'
import { hook } from './hook.ts'
import { createKeyLeases } from './idempotency-leases.ts'
import { createKeySlots } from './idempotency-slots.ts'
import { type IdempotencyKey, sweepKeys } from './idempotency-store.ts'
import { createListener } from './listener.ts'
import { type GaugeDefinition, metricsRoutes } from './metrics.ts'
import { registerNotFound } from './not-found.ts'
import { registerOpenApi } from './openapi.ts'
import { bringsToken } from './operator-token.ts'
import { createOverload, type Overload } from './overload.ts'
import { createRateLimits } from './rate-limits.ts'
import { logRequest } from './request-log.ts'
import { createRequestMetrics } from './request-metrics.ts'
import { type RegisteredRoute, registerOptions, registerRoutePolicy } from './route-policy.ts'
import { createStoredQuotas, type QuotaWindow } from './stored-quota.ts'

/** How long requests in hand may take after the stop; then their connections are cut. */
const DRAIN_MS = 15_000
const CLOSE_IDLE_EVERY_MS = 100
const SWEEP_MS = 60_000
/** Noted for a client that did not wait for its answer. */
const CLIENT_GONE = 499

export interface ServerOptions {
  config: Config
  clock: Clock
  logger: Logger
  version: string
  shop: {
    routes(app: App): void
    staffRoutes(app: App): void
    authenticate(token: string, options: { fresh: boolean }): Promise<UserPrincipal>
  }
  /** How many servers answer from one storage. */
  nodes: Nodes
  /** Where the general mechanism keeps Idempotency-Keys (IDEMPOTENCY_KEYS). */
  keys: Collection<IdempotencyKey>
  /** Where several nodes count attempts to get in (QUOTA_WINDOWS). */
  quotas: Collection<QuotaWindow>
  /** What `/health` asks, by name; `storage` decides whether the server is ready. */
  checks: Checks
  gauges?: readonly GaugeDefinition[]
  metrics?: readonly Metric[]
  asyncApi?: () => object
  /** For tests that want to be turned away. */
  overload?: Overload
}

export interface Server {
  app: App
  /** Every route with its access, as registered. */
  routes: readonly RegisteredRoute[]
  /** Compiles every schema now and not when it is first used; throws for one that cannot be. */
  compileSchemas(): void
  /** The OpenAPI document, also where it is not served. */
  document(): object
  /** Resolves to the address it listens at, as `http://127.0.0.1:8000`. Not ready until told so. */
  listen(): Promise<string>
  /** Recovery is through: traffic may come. */
  ready(): void
  /** Not ready any more, and answers close their connections; requests go on being served. */
  drain(): void
  /** Takes no more requests, waits for those in hand up to 15 s, then cuts them off. */
  close(): Promise<void>
}

/** Builds the server with all its routes; rejects when a route does not say who may call it and what it answers. */
export async function createServer(options: ServerOptions): Promise<Server> {
  const { config, clock, logger, shop, version, nodes, keys } = options
  let state: 'starting' | 'ready' | 'draining' = 'starting'
  const metrics = createRequestMetrics()
  const deadlines = createDeadlines(({ request, reply, plan, began_ms }, at_ms) => {
    const status = reply.raw.writableFinished ? reply.statusCode : CLIENT_GONE
    const ms = at_ms - began_ms
    metrics.observe({ method: request.method, route: plan.route, status, seconds: ms / 1_000 })
    logRequest(logger, request, { status, plan, ms })
  })
  const overload = options.overload ?? createOverload()
  const stored = nodes === 'several' ? createStoredQuotas({ windows: options.quotas, clock }) : undefined
  const limits = createRateLimits({ enabled: config.RATE_LIMITS, clock, stored })
  const idempotency = nodes === 'several' ? createKeyLeases({ keys, clock }) : createKeySlots({ keys, clock })
  const routes: RegisteredRoute[] = []

  const { app, compileSchemas } = createListener()
  app.setErrorHandler((error, request, reply) => {
    const unknownType = (error as { code?: string }).code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE'
    const outcome = outcomeOf(unknownType ? otherBodyWanted(request) : error)
    if (outcome.bug) logger.error({ request_id: request.id, err: error }, 'a request failed')
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
    isDraining: () => state === 'draining',
  })
  app.decorateRequest('principal')
  app.decorateRequest('operationId', '')
  app.decorateRequest('address', '')
  await registerOpenApi(app, { version, url: config.PUBLIC_URL })
  if (config.docs) await registerPages(app, gate)
  registerRoutePolicy(app, { gate, limits, idempotency, secure: config.production, routes })
  registerNotFound(app, { gate, docs: config.docs })

  const isTrusted = (request: Parameters<typeof bringsToken>[0]) => bringsToken(request, config.METRICS_TOKEN)
  healthRoutes(app, {
    checks: options.checks,
    version,
    warnings: config.production && !config.RATE_LIMITS ? ['RATE_LIMITS is off'] : [],
    isReady: () => state === 'ready',
    seesDetails: (request) => config.docs || isTrusted(request),
  })
  metricsRoutes(app, {
    metrics: [metrics.metric, ...(options.metrics ?? [])],
    gauges: [
      { name: 'http_requests_in_hand', help: 'Requests being served', read: () => deadlines.count() },
      {
        name: 'http_pressure',
        help: 'Load; requests are turned away from 1 on',
        read: () => overload.pressure(),
      },
      ...(options.gauges ?? []),
    ],
    mayRead: (request) => (config.METRICS_TOKEN === undefined ? isLoopback(request) : isTrusted(request)),
  })
  if (config.docs) documentRoutes(app, options.asyncApi)
  await app.register(async (scope) => shop.routes(scope as unknown as App))
  await app.register(async (scope) => guarded(scope as unknown as App, shop.staffRoutes))
  registerOptions(app, routes)

  const sweeps = periodically(
    SWEEP_MS,
    async () => {
      await limits.sweep()
      await sweepKeys(keys, clock.now())
    },
    (error) => logger.warn({ err: error }, 'old idempotency keys and quotas were not removed'),
  )
  return {
    app,
    routes,
    compileSchemas,
    document: () => app.swagger(),
    listen: () => app.listen({ host: config.HOST, port: config.PORT }),
    ready() {
      if (state === 'starting') state = 'ready'
    },
    drain() {
      state = 'draining'
    },
    async close() {
      state = 'draining'
      const cut = setTimeout(() => app.server.closeAllConnections(), DRAIN_MS)
      // A connection whose request was in hand when the server closed is not closed by itself.
      const idle = setInterval(() => app.server.closeIdleConnections(), CLOSE_IDLE_EVERY_MS)
      await app.close()
      clearInterval(idle)
      clearTimeout(cut)
      await Promise.all([sweeps.stop(), idempotency.stop()])
      deadlines.stop()
      overload.stop()
    },
  }
}

/** The one scope of staff routes: none of them can forget its guard. */
function guarded(scope: App, staffRoutes: (app: App) => void): void {
  scope.addHook('onRoute', (route) => {
    const access = route.config?.access
    if (access !== 'staff' && access !== 'super')
      throw new Error(`${route.url} lies under the staff scope, but its access is ${access}`)
  })
  // The gate has asked before the body was read; this holds even for a route that comes past it.
  scope.addHook(
    'preValidation',
    hook((request) => demand('staff', request.principal)),
  )
  staffRoutes(scope)
}
