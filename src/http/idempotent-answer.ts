import type { FastifyReply } from 'fastify'
import type { IdempotencyKey, IdempotencyStore, KeptAnswer } from './idempotency-store.ts'

/** Headers of an answer that a repeat gets again; all others belong to one request. */
const KEPT_HEADERS = ['content-type', 'etag', 'location'] as const

/** Refusals that say what the operation came to; others mean that it never began. */
const DEFINITE_STATUSES: ReadonlySet<number> = new Set([404, 409, 412, 422])

/** An operation under its key. */
export interface Running {
  claim: IdempotencyKey
  /** Whose key it is. */
  by: string
  /** The handler: after its deadline it works on although the caller has been answered. */
  work: unknown
}

/** Keeps the answer of an operation, or frees its key when it never began, before the answer leaves. */
export async function settle(
  store: IdempotencyStore,
  { claim, by, work }: Running,
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
  // A conflict that says when to come again passes by itself: it never began, either.
  const passes = statusCode === 409 && reply.hasHeader('retry-after')
  if (passes || (statusCode >= 400 && !DEFINITE_STATUSES.has(statusCode))) return store.forget(claim)
  const headers: Record<string, string> = {}
  for (const name of KEPT_HEADERS) {
    const value = reply.getHeader(name)
    if (value !== undefined) headers[name] = String(value)
  }
  await store.finish(claim, { status: statusCode, headers, body: payload ? String(payload) : null }, by)
}

/** Sends a kept answer to a repeat. */
export function sendAgain(reply: FastifyReply, { status, headers, body }: KeptAnswer): FastifyReply {
  reply.header('idempotent-replayed', 'true')
  return reply
    .code(status)
    .headers(headers)
    .send(body ?? undefined)
}
