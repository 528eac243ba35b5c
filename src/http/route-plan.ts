import type { Access, Bucket } from './app.ts'

export const HANDLER_DEADLINE_MS = 10_000
export const BODY_DEADLINE_MS = 15_000
export const BODY_LIMIT = 64 * 1_024

/** All that is decided about a route once, when it is registered. */
export interface RoutePlan {
  /** The route's template, as `/products/:id`. */
  route: string
  access: Access
  bucket: Bucket
  fresh: boolean
  unsafe: boolean
  guestSession: boolean
  endsGuestSession: boolean
  acceptsBeacons: boolean
  ownToken: boolean
  /** The bare media types of its answers. */
  produces: readonly string[]
  deadline_ms: number
  body_deadline_ms: number
  headers: Record<string, string>
}

/** Headers of every answer. */
export const SECURITY_HEADERS = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  // What staff see of a public address is not what shoppers see.
  vary: 'origin, authorization',
}

/** For what is served beside the routes of the shop. */
export const OPEN_PLAN: RoutePlan = {
  route: '(none)',
  access: 'anyone',
  bucket: 'browse',
  fresh: false,
  unsafe: false,
  guestSession: false,
  endsGuestSession: false,
  acceptsBeacons: false,
  ownToken: false,
  produces: ['*/*'],
  deadline_ms: HANDLER_DEADLINE_MS,
  body_deadline_ms: BODY_DEADLINE_MS,
  headers: SECURITY_HEADERS,
}
