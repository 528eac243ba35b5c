import type { FastifyReply, FastifyRequest } from 'fastify'
import { type InHand, look } from './request-in-hand.ts'
import type { RoutePlan } from './route-plan.ts'

/** One sweep a second looks at all requests in hand; a timer for each would cost the hot path more than it is worth. */
const SWEEP_MS = 1_000

export interface Deadlines {
  begin(request: FastifyRequest, reply: FastifyReply, plan: RoutePlan): void
  /** Requests in hand. */
  count(): number
  stop(): void
}

/**
 * Cuts off bodies that trickle, answers for handlers that take too long, drops clients that do not read.
 * `onEnd` hears of every request when its answer is out or its client gone.
 */
export function createDeadlines(onEnd: (ended: InHand, at_ms: number) => void): Deadlines {
  const inHand = new Set<InHand>()
  const timer = setInterval(() => {
    const at = performance.now()
    for (const entry of inHand) look(entry, at)
  }, SWEEP_MS)
  timer.unref()

  return {
    begin(request, reply, plan) {
      const began_ms = performance.now()
      const entry = { request, reply, plan, began_ms, body_ms: 0, waiting: 0, waiting_since_ms: 0 }
      inHand.add(entry)
      // Not the hook onResponse: it does not run for a client that went away.
      reply.raw.on('close', () => {
        inHand.delete(entry)
        onEnd(entry, performance.now())
      })
    },
    count: () => inHand.size,
    stop: () => clearInterval(timer),
  }
}
