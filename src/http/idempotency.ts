import type {
  FastifyReply,
  FastifyRequest,
  onSendAsyncHookHandler,
  RouteHandlerMethod,
  RouteOptions,
} from 'fastify'
import { requestKey } from './idempotency-key.ts'
import type { IdempotencyKey, IdempotencyStore, KeptAnswer } from './idempotency-store.ts'

/** Headers of an answer that a repeat gets again; all others belong to one request. */
const KEPT_HEADERS = ['content-type', 'etag', 'location'] as const

/** Refusals that say what the operation came to; others mean that it never began. */
const DEFINITE_STATUSES: ReadonlySet<number> = new Set([404, 409, 412, 422])

interface Running {
  claim: IdempotencyKey
  /** The handler: after its deadline it works on although the caller has been answered. */
  work: unknown
}

const RUNNING = new WeakMap<FastifyRequest, Running>()

/**
 * Makes a route answer repeats of one Idempotency-Key with its first answer. The claim is taken when the
 * request is known to be well-formed and allowed; the answer is kept before it leaves.
 */
export function makeIdempotent(route: RouteOptions, store: IdempotencyStore): void {
  const handler = route.handler as RouteHandlerMethod
  const namespaceOf = (request: FastifyRequest) => `${request.method} ${route.url} ${request.principal.id}`

  route.handler = async function (request, reply) {
    const key = requestKey(request)
    // An anonymous caller cannot be told from any other, so a key of theirs protects nothing.
    if (!key || request.principal.id === null) return handler.call(this, request, reply)
    const claim = await store.claim(namespaceOf(request), key, request.operationId)
    if ('replay' in claim) return sendAgain(reply, claim.replay)
    const running: Running = { claim: claim.run, work: undefined }
    RUNNING.set(request, running)
    request.operationId = claim.run.operation_id
    const work = handler.call(this, request, reply)
    running.work = work
    return work
  }

  const keep: onSendAsyncHookHandler = async (request, reply, payload) => {
    const running = RUNNING.get(request)
    if (running) {
      RUNNING.delete(request)
      await settle(store, running, reply, payload)
    }
    return payload
  }
  route.onSend = route.onSend === undefined ? [keep] : [...[route.onSend].flat(), keep]
}

async function settle(
  store: IdempotencyStore,
  { claim, work }: Running,
  reply: FastifyReply,
  payload: unknown,
): Promise<void> {
  const { statusCode } = reply
  if (statusCode >= 500) {
    void Promise.resolve(work)
      .catch(() => {})
      .then(() => store.leaveOpen(claim))
    return
  }
  if (statusCode >= 400 && !DEFINITE_STATUSES.has(statusCode)) return store.forget(claim)
  const headers: Record<string, string> = {}
  for (const name of KEPT_HEADERS) {
    const value = reply.getHeader(name)
    if (value !== undefined) headers[name] = String(value)
  }
  await store.finish(claim, { status: statusCode, headers, body: payload ? String(payload) : null })
}

function sendAgain(reply: FastifyReply, { status, headers, body }: KeptAnswer): FastifyReply {
  reply.header('idempotent-replayed', 'true')
  return reply
    .code(status)
    .headers(headers)
    .send(body ?? undefined)
}
