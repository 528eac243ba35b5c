import { timingSafeEqual } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { type Static, Type } from 'typebox'
import type { App } from './app.ts'

/** A check is asked at most this often, however many ask for the health. */
const CACHE_MS = 2_000
const CHECK_TIMEOUT_MS = 2_000

export type Checks = Record<string, () => Promise<void>>

const Check = Type.Object({ status: Type.Enum(['ok', 'failing']), message: Type.Optional(Type.String()) })
export const Health = Type.Object({
  status: Type.Enum(['ok', 'failing']),
  version: Type.Optional(Type.String()),
  uptime_s: Type.Optional(Type.Integer()),
  checks: Type.Optional(Type.Record(Type.String(), Check)),
  warnings: Type.Optional(Type.Array(Type.String())),
})
const Simple = Type.Object({ status: Type.String() })
type CheckResults = Record<string, Static<typeof Check>>

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
  const ask = cached(() => runChecks(checks), CACHE_MS)
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
      const { storage } = await ask()
      const ready = isReady() && storage?.status !== 'failing'
      return reply.code(ready ? 200 : 503).send({ status: ready ? 'ok' : 'not ready' })
    },
  )
}

/** Whether a request brings exactly this bearer token. */
export function bringsToken(request: FastifyRequest, token: string | undefined): boolean {
  if (token === undefined) return false
  const given = Buffer.from(request.headers.authorization ?? '')
  const wanted = Buffer.from(`Bearer ${token}`)
  return given.length === wanted.length && timingSafeEqual(given, wanted)
}

function isWell(results: CheckResults): boolean {
  return Object.values(results).every(({ status }) => status === 'ok')
}

async function runChecks(checks: Checks): Promise<CheckResults> {
  const entries = Object.entries(checks).map(async ([name, check]) => [name, await runCheck(check)] as const)
  return Object.fromEntries(await Promise.all(entries))
}

async function runCheck(check: () => Promise<void>): Promise<Static<typeof Check>> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('no answer within 2 s')), CHECK_TIMEOUT_MS)
  })
  try {
    await Promise.race([check(), late])
    return { status: 'ok' }
  } catch (error) {
    return { status: 'failing', message: (error as Error).message }
  } finally {
    clearTimeout(timer)
  }
}

function cached<Value>(make: () => Promise<Value>, ms: number): () => Promise<Value> {
  let value: Promise<Value> | undefined
  let made_ms = 0
  return () => {
    if (value === undefined || performance.now() - made_ms > ms) {
      made_ms = performance.now()
      value = make()
    }
    return value
  }
}
