import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Clock } from '../kernel/clock.ts'
import { Refusal } from '../kernel/errors.ts'
import type { Bucket } from './app.ts'
import { quotaKey } from './client-address.ts'
import type { Quota, QuotaLimit, QuotaVerdict } from './quota.ts'
import { quotasOf } from './quota-table.ts'
import type { StoredQuotas } from './stored-quota.ts'

/** What several nodes count together: attempts to get in. All else is counted by each node alone. */
const COUNTED_TOGETHER: ReadonlySet<Bucket> = new Set(['login', 'register', 'refresh'])

export interface RateLimits {
  /** Before anything is known but the address. Throws `too_many`. */
  byAddress(request: FastifyRequest, reply: FastifyReply, bucket: Bucket): void
  /**
   * Behind `byAddress`, for what several nodes count together; undefined for all else. Rejects with `too_many`, and with
   * `unavailable` when the storage is away, as whatever comes behind it would.
   */
  overNodes(request: FastifyRequest, reply: FastifyReply, bucket: Bucket): Promise<void> | undefined
  /** Once the caller is known. Throws `too_many`. */
  byUser(reply: FastifyReply, bucket: Bucket, user_id: string): void
  /** Takes the events of a body; throws `too_many` when they are more than what is left. */
  events(request: FastifyRequest, reply: FastifyReply, count: number): void
  sweep(): Promise<void>
}

export interface RateLimitsOptions {
  enabled: boolean
  clock: Clock
  /** Shared by several nodes; undefined for one, whose memory knows all. */
  stored: StoredQuotas | undefined
}

export function createRateLimits({ enabled, clock, stored }: RateLimitsOptions): RateLimits {
  const addressQuotas = quotasOf('address')
  const userQuotas = quotasOf('user')

  function take(reply: FastifyReply, quota: Quota | undefined, key: string, amount: number): void {
    if (quota) answer(reply, quota, quota.take(key, amount, clock.now()))
  }

  function answer(reply: FastifyReply, { name, limit, window_seconds }: QuotaLimit, verdict: QuotaVerdict) {
    reply.header('ratelimit-policy', `"${name}";q=${limit};w=${window_seconds}`)
    reply.header('ratelimit', `"${name}";r=${verdict.remaining};t=${verdict.reset_seconds}`)
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
    overNodes(request, reply, bucket) {
      const quota = enabled && COUNTED_TOGETHER.has(bucket) ? addressQuotas[bucket] : undefined
      if (!quota || !stored) return undefined
      return stored.take(quota, quotaKey(request.address)).then((verdict) => answer(reply, quota, verdict))
    },
    byUser(reply, bucket, user_id) {
      if (enabled) take(reply, userQuotas[bucket], user_id, 1)
    },
    events(request, reply, count) {
      if (enabled) take(reply, addressQuotas.events, quotaKey(request.address), count)
    },
    async sweep() {
      for (const quota of [...Object.values(addressQuotas), ...Object.values(userQuotas)])
        quota?.sweep(clock.now())
      await stored?.sweep()
    },
  }
}
