import type { FastifyRequest } from 'fastify'
import type { App } from './app.ts'
import { type Checks, createHealthChecks, isWell } from './health-checks.ts'
import { Health, Simple } from './health-schema.ts'

export interface HealthOptions {
  checks: Checks
  version: string
  warnings: readonly string[]
  /** False while starting and while stopping. */
  isReady(): boolean
  /** Whether this caller may see more than ok or failing. */
  seesDetails(request: FastifyRequest): boolean
}

/** `/health` for people, `/health/live` for who restarts the process, `/health/ready` for who sends it traffic. */
export function healthRoutes(
  app: App,
  { checks, version, warnings, isReady, seesDetails }: HealthOptions,
): void {
  const ask = createHealthChecks(checks)
  // What the stream does, or how long it takes to say, decides nothing about traffic.
  const askStorage = createHealthChecks(checks.storage ? { storage: checks.storage } : {})
  const config = { access: 'anyone', bucket: 'none', ownToken: true } as const
  const tags = ['operations']

  app.get(
    '/health',
    {
      config,
      schema: { tags, summary: 'How the shop and what it needs are', response: { 200: Health, 503: Health } },
    },
    async (request, reply) => {
      const results = await ask()
      const status = isWell(results) ? 'ok' : 'failing'
      const details = {
        version,
        uptime_s: Math.floor(process.uptime()),
        checks: results,
        warnings: [...warnings],
      }
      return reply.code(status === 'ok' ? 200 : 503).send({ status, ...(seesDetails(request) && details) })
    },
  )
  app.get(
    '/health/live',
    { config, schema: { tags, summary: 'Whether the process answers', response: { 200: Simple } } },
    async () => ({ status: 'ok' }),
  )
  app.get(
    '/health/ready',
    {
      config,
      schema: { tags, summary: 'Whether to send traffic here', response: { 200: Simple, 503: Simple } },
    },
    async (_request, reply) => {
      const { storage } = await askStorage()
      const ready = isReady() && storage?.status !== 'failing'
      return reply.code(ready ? 200 : 503).send({ status: ready ? 'ok' : 'not ready' })
    },
  )
}
