import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Clock } from '../kernel/clock.ts'
import { Refusal } from '../kernel/errors.ts'
import type { Bucket } from './app.ts'
import { quotaKey } from './client-address.ts'
import type { Quota } from './quota.ts'
import { quotasOf } from './quota-table.ts'

export interface RateLimits {
  /** Before anything is known but the address. Throws `too_many`. */
  byAddress(request: FastifyRequest, reply: FastifyReply, bucket: Bucket): void
  /** Once the caller is known. Throws `too_many`. */
  byUser(reply: FastifyReply, bucket: Bucket, user_id: string): void
  /** Takes the events of a body; throws `too_many` when they are more than what is left. */
  events(request: FastifyRequest, reply: FastifyReply, count: number): void
  sweep(): void
}

export function createRateLimits({ enabled, clock }: { enabled: boolean; clock: Clock }): RateLimits {
  const addressQuotas = quotasOf('address')
  const userQuotas = quotasOf('user')

  function take(reply: FastifyReply, quota: Quota | undefined, key: string, amount: number): void {
    if (!quota) return
    const verdict = quota.take(key, amount, clock.now())
    reply.header('ratelimit-policy', `"${quota.name}";q=${quota.limit};w=${quota.window_seconds}`)
    reply.header('ratelimit', `"${quota.name}";r=${verdict.remaining};t=${verdict.reset_seconds}`)
    if (verdict.allowed) return
    throw new Refusal('too_many', 'rate_limited', 'Too many requests; wait as long as Retry-After says.', {
      retry_after_seconds: verdict.reset_seconds,
    })
  }

  return {
    byAddress(request, reply, bucket) {
      if (!enabled) return
      const key = quotaKey(request.address)
      if (bucket !== 'search') return take(reply, addressQuotas[bucket], key, bucket === 'events' ? 0 : 1)
      take(reply, addressQuotas.browse, key, 1)
      if ((request.query as { q?: unknown } | undefined)?.q !== undefined)
        take(reply, addressQuotas.search, key, 1)
    },
    byUser(reply, bucket, user_id) {
      if (enabled) take(reply, userQuotas[bucket], user_id, 1)
    },
    events(request, reply, count) {
      if (enabled) take(reply, addressQuotas.events, quotaKey(request.address), count)
    },
    sweep() {
      for (const quota of [...Object.values(addressQuotas), ...Object.values(userQuotas)])
        quota?.sweep(clock.now())
    },
  }
}
