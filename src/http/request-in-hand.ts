import type { FastifyReply, FastifyRequest } from 'fastify'
import { Refusal } from '../kernel/errors.ts'
import { sendOutcome } from './answer.ts'
import { ofProtocol } from './errors.ts'
import type { RoutePlan } from './route-plan.ts'

/** A client that takes nothing of its answer for this long is cut off. */
export const WRITE_DEADLINE_MS = 30_000

/** A request in hand. */
export interface InHand {
  request: FastifyRequest
  reply: FastifyReply
  plan: RoutePlan
  began_ms: number
  /** When the body was seen to be whole; the handler's time begins there. 0 before. */
  body_ms: number
  /** Bytes that waited for the client at the last look, and since when nothing moved. */
  waiting: number
  waiting_since_ms: number
}

/** Acts on a request whose time is over; `at` is a reading of `performance.now()`. */
export function look(entry: InHand, at: number): void {
  const { request, reply } = entry
  if (reply.raw.headersSent) {
    lookAtReader(entry, at)
  } else if (request.raw.complete) {
    entry.body_ms ||= at
    if (at - entry.body_ms > entry.plan.deadline_ms && !reply.sent) reply.send(tooSlow())
  } else if (at - entry.began_ms > entry.plan.body_deadline_ms && !reply.sent) {
    reply.header('connection', 'close')
    sendOutcome(request, reply, ofProtocol('request_timeout'))
    reply.raw.once('finish', () => request.raw.destroy())
  }
}

function lookAtReader(entry: InHand, at: number): void {
  const { raw } = entry.reply
  const waiting = raw.socket?.writableLength ?? 0
  if (waiting === 0 || waiting !== entry.waiting) {
    entry.waiting = waiting
    entry.waiting_since_ms = at
  } else if (at - entry.waiting_since_ms > WRITE_DEADLINE_MS) raw.destroy()
}

function tooSlow(): Refusal {
  const message = 'This took too long; ask again with the same Idempotency-Key.'
  return new Refusal('unavailable', 'too_slow', message, { retry_after_seconds: 1 })
}
