import type { FastifyInstance, onRequestHookHandler, preHandlerHookHandler, RouteOptions } from 'fastify'
import { Type } from 'typebox'
import { servedFrom } from '../kernel/origin.ts'
import { isStaff } from '../kernel/principal.ts'
import type { Access } from './app.ts'
import { inflateBody } from './body-parsers.ts'
import { endGuestSession } from './guest-session.ts'
import { hook } from './hook.ts'
import { makeIdempotent } from './idempotency.ts'
import type { IdempotencyStore } from './idempotency-store.ts'
import { queryReaders, readQuery } from './query.ts'
import type { RateLimits } from './rate-limits.ts'
import type { RoutePlan } from './route-plan.ts'
import { planRoute } from './route-planning.ts'

/** A route as it was registered. */
export interface RegisteredRoute {
  method: string
  url: string
  access: Access
}

export interface RoutePolicyOptions {
  gate(plan: RoutePlan): onRequestHookHandler
  limits: RateLimits
  idempotency: IdempotencyStore
  secure: boolean
  /** Every route is noted here. */
  routes: RegisteredRoute[]
}

/**
 * Every route that is registered after this gets its plan and its gate. Hooks belong to the route and not to
 * the server, so that a route pays only for what it asks for.
 */
export function registerRoutePolicy(app: FastifyInstance, options: RoutePolicyOptions): void {
  const { routes } = options
  app.addHook('onRoute', (route) => {
    const plan = planRoute(route, options)
    for (const method of [route.method].flat()) routes.push({ method, url: route.url, access: plan.access })
    applyPolicy(route, plan, options)
  })
}

function applyPolicy(
  route: RouteOptions,
  plan: RoutePlan,
  { gate, limits, idempotency, secure }: RoutePolicyOptions,
): void {
  route.onRequest = [gate(plan), ...listed(route.onRequest)]
  const readers = queryReaders(route.schema?.querystring)
  if (readers) {
    route.preValidation = [
      hook((request) => readQuery(request.query as Record<string, unknown>, readers)),
      ...listed(route.preValidation),
    ]
  }
  if (plan.acceptsBeacons) route.preParsing = [inflateBody, ...listed(route.preParsing)]
  if (plan.bucket === 'events') {
    route.preHandler = [
      hook((request, reply) => limits.events(request, reply, eventsIn(request.body))),
      ...listed(route.preHandler),
    ]
  }
  if (plan.access !== 'anyone' || plan.bucket === 'login')
    route.preHandler = [...listed(route.preHandler), noteOrigin]
  if (route.config?.idempotent) makeIdempotent(route, idempotency)
  if (plan.endsGuestSession) {
    route.onSend = [
      (_request, reply, _payload, done) => {
        if (reply.statusCode < 300) endGuestSession(reply, secure)
        done()
      },
      ...listed(route.onSend),
    ]
  }
}

/** The handler is called within `done`: so what it tells of staff, or of who signs in, can say from where. */
const noteOrigin: preHandlerHookHandler = ({ principal, address }, _reply, done) => {
  const actor = principal.kind === 'user' ? principal.id : null
  if (actor !== null && !isStaff(principal)) return done()
  servedFrom({ actor, address }, done)
}

/** `OPTIONS` of every address, for those who may GET it (or, where there is no GET, do the first thing it offers). */
export function registerOptions(app: FastifyInstance, routes: readonly RegisteredRoute[]): void {
  for (const [url, here] of Map.groupBy(routes, (route) => route.url)) {
    const access = (here.find(({ method }) => method === 'GET') ?? here[0]!).access
    const allow = [...new Set([...here.map(({ method }) => method), 'OPTIONS'])].join(', ')
    app.options(
      url,
      {
        config: { access, bucket: 'browse', produces: '*/*' },
        schema: { hide: true, response: { 204: Type.Null() } },
      },
      (_request, reply) => {
        reply.code(204).header('allow', allow).send()
      },
    )
  }
}

function eventsIn(body: unknown): number {
  if (Array.isArray(body)) return body.length
  const events = (body as { events?: unknown } | null | undefined)?.events
  return Array.isArray(events) ? events.length : 1
}

function listed<Hook>(hooks: Hook | Hook[] | undefined): Hook[] {
  return hooks === undefined ? [] : ([hooks].flat() as Hook[])
}
