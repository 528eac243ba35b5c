import type { FastifyInstance, onRequestHookHandler, preValidationHookHandler, RouteOptions } from 'fastify'
import type { TSchema } from 'typebox'
import { inflateBody } from './body-parsers.ts'
import type { Deadlines } from './deadlines.ts'
import { endGuestSession } from './guest-session.ts'
import { queryReaders, readQuery } from './query.ts'
import type { RateLimits } from './rate-limits.ts'
import { planRoute, type RoutePlan } from './route-plan.ts'

export interface RoutePolicyOptions {
  gate(plan: RoutePlan): onRequestHookHandler
  limits: RateLimits
  deadlines: Deadlines
  secure: boolean
}

/**
 * Every route that is registered after this gets its plan and its gate. Hooks belong to the route and not to
 * the server, so that a route pays only for what it asks for.
 */
export function registerRoutePolicy(app: FastifyInstance, options: RoutePolicyOptions): void {
  app.decorateRequest('principal')
  app.decorateRequest('operationId', '')
  app.decorateRequest('address', '')
  app.addHook('onResponse', (request, _reply, done) => {
    options.deadlines.end(request)
    done()
  })
  app.addHook('onRoute', (route) => applyPolicy(route, options))
}

function applyPolicy(route: RouteOptions, { gate, limits, secure }: RoutePolicyOptions): void {
  const plan = planRoute(route, { secure })
  route.onRequest = [gate(plan), ...listed(route.onRequest)]
  const readers = queryReaders(route.schema?.querystring as TSchema | undefined)
  if (readers) route.preValidation = [queryHook(readers), ...listed(route.preValidation)]
  if (plan.acceptsBeacons) route.preParsing = [inflateBody, ...listed(route.preParsing)]
  if (plan.bucket === 'events') {
    route.preHandler = [
      (request, reply, done) => {
        try {
          limits.events(request, reply, eventsIn(request.body))
        } catch (error) {
          return done(error as Error)
        }
        done()
      },
      ...listed(route.preHandler),
    ]
  }
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

function queryHook(readers: NonNullable<ReturnType<typeof queryReaders>>): preValidationHookHandler {
  return (request, _reply, done) => {
    readQuery(request.query as Record<string, unknown>, readers)
    done()
  }
}

function eventsIn(body: unknown): number {
  if (Array.isArray(body)) return body.length
  const { events } = body as { events?: unknown }
  return Array.isArray(events) ? events.length : 1
}

function listed<Hook>(hooks: Hook | Hook[] | undefined): Hook[] {
  return hooks === undefined ? [] : ([hooks].flat() as Hook[])
}
