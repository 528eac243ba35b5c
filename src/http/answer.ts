import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Outcome } from './errors.ts'
import { PROBLEM_TYPE, problemOf } from './problem.ts'

/** Sends a refusal or failure as a problem document. */
export function sendOutcome(request: FastifyRequest, reply: FastifyReply, outcome: Outcome): FastifyReply {
  if (outcome.status === 401) reply.header('www-authenticate', 'Bearer')
  if (outcome.retry_after_seconds !== undefined)
    reply.header('retry-after', String(outcome.retry_after_seconds))
  reply.removeHeader('etag')
  reply.header('cache-control', 'no-store')
  return reply
    .code(outcome.status)
    .type(PROBLEM_TYPE)
    .send(JSON.stringify(problemOf(outcome, String(request.id))))
}
