import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Clock } from '../kernel/clock.ts'
import { Refusal } from '../kernel/errors.ts'
import type { Bucket } from './app.ts'
import { quotaKey } from './client-address.ts'
import { createQuota, type Quota } from './quota.ts'

const MINUTE = 60
const HOUR = 3_600

interface Limits {
  address?: { limit: number; window_seconds: number }
  user?: { limit: number; window_seconds: number }
}

/** Starting quotas. `events` counts events, everything else requests; `admin` per user counts changes only. */
export const QUOTAS: Record<Bucket, Limits> = {
  login: { address: { limit: 20, window_seconds: MINUTE } },
  register: { address: { limit: 5, window_seconds: HOUR } },
  refresh: { address: { limit: 60, window_seconds: MINUTE } },
  orders: { address: { limit: 30, window_seconds: MINUTE }, user: { limit: 10, window_seconds: MINUTE } },
  events: { address: { limit: 6_000, window_seconds: MINUTE } },
  search: { address: { limit: 120, window_seconds: MINUTE } },
  browse: { address: { limit: 600, window_seconds: MINUTE } },
  write: { address: { limit: 300, window_seconds: MINUTE }, user: { limit: 120, window_seconds: MINUTE } },
  admin: { address: { limit: 300, window_seconds: MINUTE }, user: { limit: 120, window_seconds: MINUTE } },
  none: {},
}

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

function quotasOf(by: keyof Limits): Partial<Record<Bucket, Quota>> {
  const entries = Object.entries(QUOTAS).flatMap(([name, limits]) => {
    const limit = limits[by]
    return limit ? [[name, createQuota({ name: by === 'user' ? `${name}-user` : name, ...limit })]] : []
  })
  return Object.fromEntries(entries)
}
