import type { RouteOptions } from 'fastify'
import { Type } from 'typebox'
import type { Bucket } from './app.ts'
import {
  BODY_DEADLINE_MS,
  BODY_LIMIT,
  HANDLER_DEADLINE_MS,
  type RoutePlan,
  SECURITY_HEADERS,
} from './route-plan.ts'
import { assertClosed } from './schema-rules.ts'

const KIB = 1_024

/** For checkout, and where a repeat may wait ten seconds for the first request before it gets to work. */
const LONG_DEADLINE_MS = 15_000
const BODY_LIMITS: Partial<Record<Bucket, number>> = { orders: 256 * KIB, events: 1_024 * KIB }
const AUTH_BODY_LIMIT = 16 * KIB

/** Reads a route's configuration; throws, and so stops the start, when it does not say who may call it and what it answers. */
export function planRoute(route: RouteOptions, { secure }: { secure: boolean }): RoutePlan {
  const config = route.config ?? {}
  const methods = [route.method].flat()
  const name = `${methods.join(',')} ${route.url}`
  if (!config.access) throw new Error(`${name} names no access: say who may call it`)
  if (!route.schema?.response)
    throw new Error(`${name} has no response schema: it is the allow-list of what leaves`)
  assertClosed(route.schema.body, `${name}: body`)
  assertClosed(route.schema.querystring, `${name}: query string`)
  // A route without parameters takes none, instead of whatever is sent.
  route.schema = {
    ...route.schema,
    querystring: route.schema.querystring ?? Type.Object({}, { additionalProperties: false }),
  }
  const unsafe = methods.some((method) => method !== 'GET' && method !== 'HEAD' && method !== 'OPTIONS')
  const personal = config.access !== 'anyone' || config.personal === true || route.url.startsWith('/auth')
  const bucket = config.bucket ?? (unsafe ? 'write' : 'browse')
  route.bodyLimit ??= route.url.startsWith('/auth') ? AUTH_BODY_LIMIT : (BODY_LIMITS[bucket] ?? BODY_LIMIT)
  return {
    route: route.url,
    access: config.access,
    bucket,
    fresh: config.fresh ?? (config.access === 'staff' || config.access === 'super'),
    unsafe,
    guestSession: config.guestSession ?? false,
    endsGuestSession: config.endsGuestSession ?? false,
    acceptsBeacons: config.acceptsBeacons ?? false,
    ownToken: config.ownToken ?? false,
    produces: [config.produces ?? 'application/json'].flat(),
    body_deadline_ms: config.body_deadline_ms ?? BODY_DEADLINE_MS,
    deadline_ms:
      config.deadline_ms ??
      (bucket === 'orders' || config.idempotent ? LONG_DEADLINE_MS : HANDLER_DEADLINE_MS),
    headers: {
      ...SECURITY_HEADERS,
      ...(secure && { 'strict-transport-security': 'max-age=31536000; includeSubDomains' }),
      ...(personal && { 'cache-control': 'no-store' }),
    },
  }
}
