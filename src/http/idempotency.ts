import type { FastifyRequest, onSendAsyncHookHandler, RouteHandlerMethod, RouteOptions } from 'fastify'
import { requestKey } from './idempotency-key.ts'
import type { IdempotencyStore } from './idempotency-store.ts'
import { type Running, sendAgain, settle } from './idempotent-answer.ts'

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
    const running: Running = { claim: claim.run, by: request.principal.id, work: undefined }
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
