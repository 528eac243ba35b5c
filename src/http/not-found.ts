import type { FastifyInstance, onRequestHookHandler } from 'fastify'
import { sendOutcome } from './answer.ts'
import { ofProtocol, outcomeOf } from './errors.ts'
import { NOT_FOUND, SEE_DOCS } from './framework-refusals.ts'
import { OPEN_PLAN, type RoutePlan } from './route-plan.ts'

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const

/** Answers addresses that are not there (404), and those that are there under other methods only (405). `docs`: /docs is there. */
export function registerNotFound(
  app: FastifyInstance,
  { gate, docs }: { gate: (plan: RoutePlan) => onRequestHookHandler; docs: boolean },
): void {
  const admit = gate(OPEN_PLAN)
  app.setNotFoundHandler((request, reply) => {
    admit.call(app, request, reply, (error) => {
      if (error) return sendOutcome(request, reply, outcomeOf(error))
      const allowed = methodsOf(app, request.url)
      const nothing = docs && request.url === '/' ? SEE_DOCS : NOT_FOUND
      if (allowed.length === 0) return sendOutcome(request, reply, outcomeOf(nothing))
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
