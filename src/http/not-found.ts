import type { FastifyInstance, onRequestHookHandler } from 'fastify'
import { sendOutcome } from './answer.ts'
import { ofProtocol, outcomeOf } from './errors.ts'
import { NOT_FOUND } from './framework-refusals.ts'
import { OPEN_PLAN, type RoutePlan } from './route-plan.ts'

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const

/** Answers addresses that are not there (404), and those that are there under other methods only (405). */
export function registerNotFound(
  app: FastifyInstance,
  gate: (plan: RoutePlan) => onRequestHookHandler,
): void {
  const admit = gate(OPEN_PLAN)
  app.setNotFoundHandler((request, reply) => {
    admit.call(app, request, reply, (error) => {
      if (error) return sendOutcome(request, reply, outcomeOf(error))
      const allowed = methodsOf(app, request.url)
      if (allowed.length === 0) return sendOutcome(request, reply, outcomeOf(NOT_FOUND))
      reply.header('allow', allowed.join(', '))
      return sendOutcome(request, reply, ofProtocol('method_not_allowed'))
    })
    return reply
  })
}

function methodsOf(app: FastifyInstance, url: string): string[] {
  const path = url.split('?')[0]!
  return METHODS.filter((method) => app.findRoute({ method, url: path }) !== null)
}
