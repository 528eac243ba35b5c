import type { FastifyRequest } from 'fastify'
import type { Logger } from '../kernel/logger.ts'
import { traceparent } from './request-id.ts'
import type { RoutePlan } from './route-plan.ts'

/**
 * One line per request, from an allow-list: nothing of a body, a query string, a header or a cookie can reach
 * the log. Reads that went well are for `debug`: at full load their lines would cost more than the reads.
 */
export function logRequest(
  logger: Logger,
  request: FastifyRequest,
  { status, plan, ms }: { status: number; plan: RoutePlan; ms: number },
): void {
  const quiet = status < 400 && !plan.unsafe
  const line = {
    request_id: request.id,
    method: request.method,
    route: plan.route,
    status,
    ms: Math.round(ms * 10) / 10,
    user_id: request.principal.kind === 'user' ? request.principal.id : undefined,
    traceparent: traceparent(request.raw),
  }
  if (status >= 500) logger.warn(line, 'answered')
  else if (quiet) logger.debug(line, 'answered')
  else logger.info(line, 'answered')
}
