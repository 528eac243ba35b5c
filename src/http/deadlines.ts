import type { FastifyReply, FastifyRequest } from 'fastify'
import { Refusal } from '../kernel/errors.ts'
import { sendOutcome } from './answer.ts'
import { ofProtocol } from './errors.ts'
import type { RoutePlan } from './route-plan.ts'

/** One sweep a second looks at all requests in hand; a timer for each would cost the hot path more than it is worth. */
const SWEEP_MS = 1_000
export const BODY_DEADLINE_MS = 15_000
/** A client that takes nothing of its answer for this long is cut off. */
export const WRITE_DEADLINE_MS = 30_000

export interface Entry {
  request: FastifyRequest
  reply: FastifyReply
  began_ms: number
  /** When the body was seen to be whole; the handler's time begins there. */
  body_ms: number
  plan: RoutePlan
  /** Bytes that waited for the client at the last look, and since when nothing moved. */
  waiting: number
  waiting_since_ms: number
}

export interface Deadlines {
  begin(request: FastifyRequest, reply: FastifyReply, plan: RoutePlan): void
  /** What was begun, once. */
  end(request: FastifyRequest): Entry | undefined
  /** Requests in hand. */
  count(): number
  stop(): void
}

/** Cuts off bodies that trickle, answers for handlers that take too long, drops clients that do not read. */
export function createDeadlines(now: () => number = () => performance.now()): Deadlines {
  const entries = new Map<FastifyRequest, Entry>()
  const timer = setInterval(() => {
    const at = now()
    for (const entry of entries.values()) look(entry, at)
  }, SWEEP_MS)
  timer.unref()

  return {
    begin(request, reply, plan) {
      const at = now()
      const body_ms = request.raw.complete ? at : 0
      entries.set(request, {
        request,
        reply,
        began_ms: at,
        body_ms,
        plan,
        waiting: 0,
        waiting_since_ms: at,
      })
    },
    end(request) {
      const entry = entries.get(request)
      entries.delete(request)
      return entry
    },
    count: () => entries.size,
    stop: () => clearInterval(timer),
  }
}

function look(entry: Entry, at: number): void {
  const { request, reply } = entry
  if (reply.raw.headersSent) {
    lookAtReader(entry, at)
    return
  }
  if (entry.body_ms === 0) {
    if (request.raw.complete) entry.body_ms = at
    else if (at - entry.began_ms > BODY_DEADLINE_MS) {
      reply.header('connection', 'close')
      sendOutcome(request, reply, ofProtocol('request_timeout'))
      reply.raw.once('finish', () => request.raw.destroy())
    }
    return
  }
  if (at - entry.body_ms > entry.plan.deadline_ms && !reply.sent) {
    reply.send(
      new Refusal('unavailable', 'too_slow', 'This took too long; ask again with the same Idempotency-Key.', {
        retry_after_seconds: 1,
      }),
    )
  }
}

function lookAtReader(entry: Entry, at: number): void {
  const { raw } = entry.reply
  const waiting = raw.socket?.writableLength ?? 0
  if (waiting === 0 || waiting !== entry.waiting) {
    entry.waiting = waiting
    entry.waiting_since_ms = at
  } else if (at - entry.waiting_since_ms > WRITE_DEADLINE_MS) raw.destroy()
}
