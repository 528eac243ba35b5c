import fastifySwaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance, onRequestHookHandler } from 'fastify'
import { Type } from 'typebox'
import { type App, sendJson } from './app.ts'
import { OPEN_PLAN, type RoutePlan, SECURITY_HEADERS } from './route-plan.ts'

/** Pages need scripts and styles; all of them are our own files. */
const PAGES_PLAN: RoutePlan = { ...OPEN_PLAN, route: '/docs', headers: withoutPolicy(SECURITY_HEADERS) }

const PAGES_POLICY =
  "default-src 'self'; img-src 'self' data:; style-src 'self'; object-src 'none'; base-uri 'self'; frame-ancestors 'none'"

const AnyDocument = Type.Object({}, { additionalProperties: true })

/** `/openapi.json` and, where the shop has streams, `/asyncapi.json`. */
export function documentRoutes(app: App, asyncApi: (() => object) | undefined): void {
  const route = (path: string, summary: string, make: () => object) => {
    let json: string | undefined
    app.get(
      path,
      {
        config: { access: 'anyone', bucket: 'browse' },
        schema: { tags: ['operations'], summary, response: { 200: AnyDocument } },
      },
      async (_request, reply) => {
        json ??= JSON.stringify(make())
        return sendJson(reply, json)
      },
    )
  }
  route('/openapi.json', 'This document', () => app.swagger())
  if (asyncApi) route('/asyncapi.json', 'The streams', asyncApi)
}

/** The interactive pages at `/docs`. Registered ahead of the policy for routes, which they cannot know. */
export async function registerPages(
  app: FastifyInstance,
  gate: (plan: RoutePlan) => onRequestHookHandler,
): Promise<void> {
  await app.register(async (scope) => {
    const admit = gate(PAGES_PLAN)
    scope.addHook('onRoute', (route) => {
      route.onRequest = [admit]
    })
    await scope.register(fastifySwaggerUi, {
      transformStaticCSP: () => PAGES_POLICY,
      routePrefix: '/docs',
      staticCSP: true,
      theme: { title: 'Tradewind' },
    })
  })
}

function withoutPolicy({
  'content-security-policy': _,
  ...headers
}: typeof SECURITY_HEADERS): Record<string, string> {
  return headers
}
