import { createHash } from 'node:crypto'
import { type Clock, timestamp } from '../kernel/clock.ts'
import { isRefusal, Refusal } from '../kernel/errors.ts'
import { createKeyedQueue } from '../kernel/keyed-queue.ts'
import { CLOCK_SKEW_MS } from '../kernel/nodes.ts'
import type { Collection, CollectionDefinition, Stored } from '../storage/storage.ts'
import type { QuotaLimit, QuotaVerdict } from './quota.ts'

/** What all nodes together have taken of a quota in one window. */
export interface QuotaWindow extends Stored {
  used: number
  /** Milliseconds. */
  ends_at: number
}

export const QUOTA_WINDOWS: CollectionDefinition<QuotaWindow> = {
  name: 'quota_windows',
  indexes: { ends: { fields: ['ends_at'] } },
}

/** Each try loses to another node that succeeded, so that this is never reached by a few nodes. */
const MAX_TRIES = 10
/** Of one address in one process; the quota that each node counts by itself lets fewer come so far. */
const MAX_WAITING = 100
const SWEEP_BATCH = 500

export interface StoredQuotas {
  /** Takes one of a quota that all nodes share. Rejects when the storage is away. */
  take(quota: QuotaLimit, key: string): Promise<QuotaVerdict>
  /** Removes windows that have ended by every node's clock. */
  sweep(): Promise<void>
}

/** Counts per key in windows like `createQuota`, by compare-and-set on one document, for any number of nodes. */
export function createStoredQuotas({
  windows,
  clock,
}: {
  windows: Collection<QuotaWindow>
  clock: Clock
}): StoredQuotas {
  const inTurn = createKeyedQueue({ max_waiting: MAX_WAITING, full: tooMany })

  async function write(
    known: QuotaWindow | undefined,
    next: Pick<QuotaWindow, 'id' | 'used' | 'ends_at'>,
    now: number,
  ): Promise<boolean> {
    const updated_at = timestamp(now)
    try {
      if (known) await windows.replace({ ...known, ...next, updated_at })
      else await windows.insert({ ...next, created_at: updated_at, updated_at })
      return true
    } catch (error) {
      if (isRefusal(error, 'version_moved') || isRefusal(error, 'duplicate')) return false
      throw error
    }
  }

  async function take({ limit, window_seconds }: QuotaLimit, id: string): Promise<QuotaVerdict> {
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const now = clock.now()
      const known = await windows.get(id)
      const open = known && known.ends_at > now ? known : { used: 0, ends_at: now + window_seconds * 1_000 }
      const reset_seconds = Math.max(1, Math.ceil((open.ends_at - now) / 1_000))
      if (open.used >= limit) return { allowed: false, remaining: 0, reset_seconds }
      const used = open.used + 1
      if (await write(known, { id, used, ends_at: open.ends_at }, now))
        return { allowed: true, remaining: limit - used, reset_seconds }
    }
    return { allowed: false, remaining: 0, reset_seconds: 1 }
  }

  return {
    take(quota, key) {
      const id = `${quota.name}_${digest(key)}`
      return inTurn(id, () => take(quota, id))
    },
    async sweep() {
      const before = clock.now() - CLOCK_SKEW_MS
      while ((await windows.removeOlder('ends', before, SWEEP_BATCH)) === SWEEP_BATCH);
    },
  }
}

function tooMany(): Refusal {
  return new Refusal('too_many', 'rate_limited', 'Too many requests; wait as long as Retry-After says.', {
    retry_after_seconds: 1,
  })
}

/** Keeps addresses out of these documents. */
function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64url')
}
