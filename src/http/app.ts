import { Readable } from 'node:stream'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type {
  FastifyBaseLogger,
  FastifyInstance,
  FastifyReply,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify'
import type { Principal, UserPrincipal } from '../kernel/principal.ts'

/** The Fastify instance as routes get it: TypeBox schemas give the types of requests and answers. */
export type App = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>

/**
 * Who may call a route. Every route names one; the server refuses to start with a route that does not.
 * `anyone` (also guests), `user` (signed in), `staff` (admin, super_admin), `super` (super_admin).
 */
export type Access = 'anyone' | 'user' | 'staff' | 'super'

/**
 * Which quota a route draws from (src/http/rate-limits.ts). `search` is the one of `browse`, and a smaller one
 * beside it when the query has a `q`; `events` counts the events of a body.
 */
export type Bucket =
  | 'login'
  | 'register'
  | 'refresh'
  | 'orders'
  | 'events'
  | 'search'
  | 'browse'
  | 'reviews'
  | 'media'
  | 'write'
  | 'admin'
  | 'exports'
  | 'none'

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: Access
    bucket?: Bucket
    /** Takes `Idempotency-Key` by the general mechanism; the handler finds `request.operationId`. */
    idempotent?: boolean
    /** Documents `Idempotency-Key` on a route that keeps its keys itself. */
    keepsKeys?: boolean
    /** A change that takes `If-Match`; only there may the handler ask for the version that the caller expects. */
    versioned?: boolean
    /** Checks the session on every call, not only the token: for money, roles and passwords. Implied for staff. */
    fresh?: boolean
    /** The first write of a guest makes a guest session (X-Session-Id and cookie). */
    guestSession?: boolean
    /** After success the guest session is over: for sign-up and sign-in. */
    endsGuestSession?: boolean
    /** Open to anyone, and answers each with what is theirs: nobody in between may keep it. */
    personal?: boolean
    /** Takes text/plain (sendBeacon) and gzip beside JSON. */
    acceptsBeacons?: boolean
    /** The handler gets the bytes of the body as they came, a Buffer, instead of what they say. */
    rawBody?: boolean
    /** Looks at the Authorization header itself, which then is not an access token. */
    ownToken?: boolean
    /** Milliseconds until a caller hears 503 instead of waiting on; the work goes on. */
    deadline_ms?: number
    /** What the route answers when it is not JSON, as `text/plain`; one of several, as `Accept` says. */
    produces?: string | readonly string[]
    /** Takes rows as NDJSON or CSV: the handler gets the body as a stream. */
    takesRows?: boolean
    /** Milliseconds that the body may take to arrive; 15 s where nothing is said. */
    body_deadline_ms?: number
  }
  interface FastifyRequest {
    principal: Principal
    /** `op_…`: stable over all repeats with one Idempotency-Key, new for each request without one. */
    operationId: string
    /** Address of the client; behind a trusted proxy the one the proxy saw. */
    address: string
  }
}

/** The signed-in caller; only for routes whose access is not `anyone`. */
export function userOf(request: { principal: Principal }): UserPrincipal {
  if (request.principal.kind !== 'user') throw new Error('a route for users was reached by somebody else')
  return request.principal
}

/** Sends JSON text piece by piece, as fast as the client takes it; what throws in between cuts the answer off. */
export function sendJsonPieces(reply: object, pieces: AsyncIterable<string>): FastifyReply {
  return (reply as FastifyReply).type('application/json; charset=utf-8').send(Readable.from(pieces))
}

/** Sends JSON text that is ready, as it is; the caller vouches that it fits the route's answer schema. */
export function sendJson(reply: object, json: string | Buffer): FastifyReply {
  return (reply as FastifyReply).type('application/json; charset=utf-8').send(json)
}
