import type { FastifyReply, FastifyRequest, onRequestHookHandler } from 'fastify'
import { Refusal } from '../kernel/errors.ts'
import { newId } from '../kernel/ids.ts'
import type { Principal, UserPrincipal } from '../kernel/principal.ts'
import { bearerToken, demand, demandOwnOrigin } from './access.ts'
import { clientAddress } from './client-address.ts'
import { allowOrigin, answerPreflight, isPreflight } from './cors.ts'
import type { Deadlines } from './deadlines.ts'
import { guestOf, startGuestSession } from './guest-session.ts'
import type { Overload } from './overload.ts'
import { NotAcceptable } from './protocol-problems.ts'
import type { RateLimits } from './rate-limits.ts'
import type { RoutePlan } from './route-plan.ts'
import { isLastTurn } from './turns.ts'

const ANONYMOUS: Principal = { kind: 'anonymous', id: null }

export interface GateOptions {
  authenticate(token: string, options: { fresh: boolean }): Promise<UserPrincipal>
  origins: ReadonlySet<string>
  trust_proxy: boolean
  secure: boolean
  limits: RateLimits
  overload: Overload
  deadlines: Deadlines
  isDraining(): boolean
}

/**
 * What happens before the body of a request is read, in one hook that does not await unless there is a token or a
 * quota that several nodes share:
 * standard headers, load shedding, quota of the address, who asks, whether they may, quota of the user.
 */
export function createGate(options: GateOptions) {
  const { origins, limits, overload, deadlines, secure } = options

  function enter(request: FastifyRequest, reply: FastifyReply, plan: RoutePlan): void {
    deadlines.begin(request, reply, plan)
    reply.headers(plan.headers)
    reply.header('x-request-id', request.id)
    if (isLastTurn(request.raw.socket) || options.isDraining()) reply.header('connection', 'close')
    request.address = clientAddress(request, options.trust_proxy)
    request.principal = ANONYMOUS
    if (request.headers.origin !== undefined) allowOrigin(request, reply, origins)
    overload.admit(plan.bucket)
    limits.byAddress(request, reply, plan.bucket)
    demandMediaTypes(request, plan)
  }

  function admit(request: FastifyRequest, reply: FastifyReply, plan: RoutePlan, principal: Principal): void {
    request.principal = principal
    demand(plan.access, principal)
    if (principal.kind === 'user' && (plan.bucket !== 'admin' || plan.unsafe))
      limits.byUser(reply, plan.bucket, principal.id)
    if (plan.unsafe) request.operationId = newId('op')
  }

  function guest(request: FastifyRequest, reply: FastifyReply, plan: RoutePlan): Principal {
    const session = guestOf(request)
    if (session?.from === 'cookie' && plan.unsafe) demandOwnOrigin(request, origins)
    if (session) return session.principal
    return plan.guestSession ? startGuestSession(reply, secure) : ANONYMOUS
  }

  return (plan: RoutePlan): onRequestHookHandler =>
    (request, reply, done) => {
      if (isPreflight(request)) return answerPreflight(request, reply, origins)
      let token: string | undefined
      let counted: Promise<void> | undefined
      try {
        enter(request, reply, plan)
        token = plan.ownToken ? undefined : bearerToken(request)
        counted = limits.overNodes(request, reply, plan.bucket)
        if (!counted && token === undefined) admit(request, reply, plan, guest(request, reply, plan))
      } catch (error) {
        return done(error as Error)
      }
      if (!counted && token === undefined) return done()
      const caller = async () =>
        token === undefined ? guest(request, reply, plan) : options.authenticate(token, { fresh: plan.fresh })
      Promise.resolve(counted)
        .then(caller)
        .then((principal) => admit(request, reply, plan, principal))
        .then(() => done(), done)
    }
}

function demandMediaTypes(request: FastifyRequest, plan: RoutePlan): void {
  const { accept, 'content-encoding': encoding } = request.headers
  if (encoding !== undefined && encoding !== 'identity' && !(plan.acceptsBeacons && encoding === 'gzip'))
    throw new Refusal('unsupported', 'unsupported_encoding', 'Send the body without a content encoding.')
  if (accept === undefined || accept.includes('*/*') || plan.produces.some((type) => takes(accept, type)))
    return
  throw new NotAcceptable()
}

function takes(accept: string, type: string): boolean {
  return accept.includes(type) || accept.includes(`${type.slice(0, type.indexOf('/'))}/*`)
}
