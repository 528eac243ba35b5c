import { timingSafeEqual } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import fastify, { type FastifyReply, type FastifyRequest } from 'fastify'
import type { Outcome, PaymentObject } from '../provider.ts'
import { ACTION_PAGE } from './action-page.ts'
import type { Faults } from './faults.ts'
import type { TestProvider } from './test-provider.ts'
import { FAULTS, OPERATION, type Operation } from './wire-schema.ts'

export interface TestProviderServerOptions {
  provider: TestProvider
  /** Bearer token of the shop. */
  secret: string
  /** Changed by PUT /faults. */
  faults: Faults
}

const MAX_PAGE = 1_000

/** The test provider over HTTP, with faults on purpose; it listens when its caller says where. */
export function createTestProviderServer({ provider, secret, faults }: TestProviderServerOptions) {
  const app = fastify({
    forceCloseConnections: true,
    // Else one branch of a union takes away what belongs to another.
    ajv: { customOptions: { removeAdditional: false, coerceTypes: false } },
  })

  /** Requests that are never answered. */
  const lost = new Set<FastifyRequest['raw']>()
  const lose = ({ raw }: FastifyRequest, reply: FastifyReply) => {
    lost.add(raw)
    raw.socket.once('close', () => lost.delete(raw))
    return reply.hijack()
  }

  const shopOnly = async (request: FastifyRequest, reply: FastifyReply) => {
    const given = Buffer.from(request.headers.authorization ?? '')
    const wanted = Buffer.from(`Bearer ${secret}`)
    if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) return reply.code(401).send({})
    await delay(faults.delay_ms)
  }

  app.post<{ Body: Operation }>(
    '/operations',
    { schema: { body: OPERATION }, onRequest: shopOnly },
    async (request, reply) => {
      const luck = Math.random()
      if (luck < faults.lost_before) return lose(request, reply)
      const broken = luck > 1 - faults.broken
      if (broken && luck > 1 - faults.broken / 2) return reply.code(500).send({})
      const outcome = await perform(provider, request.body)
      if (luck < faults.lost_before + faults.lost_after) return lose(request, reply)
      return reply.code(broken ? 500 : 200).send(outcome)
    },
  )

  app.get<{ Params: { id: string } }>('/objects/:id', { onRequest: shopOnly }, async ({ params }, reply) => {
    const object = await provider.find(params.id)
    return object ? object : reply.code(404).send({})
  })

  app.get<{ Querystring: Record<'since' | 'after_at' | 'after_id' | 'limit', string | undefined> }>(
    '/objects',
    { onRequest: shopOnly },
    async ({ query: { since, after_at, after_id, limit } }) => {
      const after = after_id ? ({ id: after_id, created_at: Number(after_at) } as PaymentObject) : null
      return provider.list(Number(since ?? 0), after, Math.min(Number(limit ?? MAX_PAGE), MAX_PAGE))
    },
  )

  app.post<{ Params: { key: string } }>(
    '/refunds/:key/fail',
    { onRequest: shopOnly },
    async ({ params }, reply) => reply.code(provider.failRefund(params.key) ? 204 : 404).send(),
  )

  // What goes wrong from now on; what was lost before is cut off.
  app.put<{ Body: Partial<Faults> }>(
    '/faults',
    { schema: { body: FAULTS }, onRequest: shopOnly },
    async ({ body }, reply) => {
      Object.assign(faults, body)
      for (const { socket } of lost) socket.destroy()
      return reply.code(204).send()
    },
  )

  app.get('/actions/:action', async (_request, reply) =>
    reply.type('text/html; charset=utf-8').send(ACTION_PAGE),
  )

  app.post<{ Params: { action: string }; Body: { succeed?: boolean } }>(
    '/actions/:action',
    async ({ params, body }, reply) =>
      reply.code(provider.inside.act(params.action, body?.succeed === true) ? 204 : 404).send(),
  )

  return app
}

function perform(provider: TestProvider, operation: Operation): Promise<Outcome> {
  switch (operation.kind) {
    case 'create':
      return provider.create(operation)
    case 'authorise':
      return provider.authorise(operation)
    case 'capture':
      return provider.capture(operation)
    case 'cancel':
      return provider.cancel(operation)
    case 'refund':
      return provider.refund(operation)
  }
}
