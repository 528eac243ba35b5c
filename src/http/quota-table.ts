import type { Bucket } from './app.ts'
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
  reviews: { address: { limit: 10, window_seconds: MINUTE }, user: { limit: 5, window_seconds: HOUR } },
  // A page of a list shows a hundred pictures; browsers keep them.
  media: { address: { limit: 6_000, window_seconds: MINUTE } },
  write: { address: { limit: 300, window_seconds: MINUTE }, user: { limit: 120, window_seconds: MINUTE } },
  admin: { address: { limit: 300, window_seconds: MINUTE }, user: { limit: 120, window_seconds: MINUTE } },
  exports: { address: { limit: 60, window_seconds: MINUTE }, user: { limit: 20, window_seconds: MINUTE } },
  none: {},
}

/** The quotas counted by address or by user, by bucket. */
export function quotasOf(by: keyof Limits): Partial<Record<Bucket, Quota>> {
  const entries = Object.entries(QUOTAS).flatMap(([name, limits]) => {
    const limit = limits[by]
    return limit ? [[name, createQuota({ name: by === 'user' ? `${name}-user` : name, ...limit })]] : []
  })
  return Object.fromEntries(entries)
}
