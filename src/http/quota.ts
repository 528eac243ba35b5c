/** What a key has left of its quota. */
export interface QuotaVerdict {
  allowed: boolean
  remaining: number
  /** Seconds until the window ends and all is there again. */
  reset_seconds: number
}

export interface QuotaLimit {
  readonly name: string
  readonly limit: number
  readonly window_seconds: number
}

export interface Quota extends QuotaLimit {
  /** Takes `amount` if there is enough, all or nothing. An amount of 0 only looks. */
  take(key: string, amount: number, now: number): QuotaVerdict
  /** Forgets windows that have ended. */
  sweep(now: number): void
}

export interface QuotaOptions extends QuotaLimit {
  max_keys?: number
}

const MAX_KEYS = 100_000
const OVERFLOW = ' overflow'
/** A full table is looked through for windows that have ended so often at most. */
const SWEEP_EVERY_MS = 1_000

interface Window {
  used: number
  ends_ms: number
}

/**
 * Counts per key in windows that begin with a key's first use. Memory is bounded, but nobody who used up a
 * quota is ever forgotten for somebody new: when the table is full, new keys share one window.
 */
export function createQuota({ name, limit, window_seconds, max_keys = MAX_KEYS }: QuotaOptions): Quota {
  const windows = new Map<string, Window>()
  let swept_ms = Number.NEGATIVE_INFINITY

  function windowOf(key: string, now: number): Window {
    const known = windows.get(key)
    if (known && known.ends_ms > now) return known
    const fresh = { used: 0, ends_ms: now + window_seconds * 1_000 }
    if (!known && windows.size >= max_keys && now - swept_ms >= SWEEP_EVERY_MS) sweep(now)
    if (!known && windows.size >= max_keys && key !== OVERFLOW) return windowOf(OVERFLOW, now)
    windows.set(key, fresh)
    return fresh
  }

  function sweep(now: number): void {
    swept_ms = now
    for (const [key, window] of windows) if (window.ends_ms <= now) windows.delete(key)
  }

  return {
    name,
    limit,
    window_seconds,
    take(key, amount, now) {
      const window = windowOf(key, now)
      const allowed = amount === 0 ? window.used < limit : window.used + amount <= limit
      if (allowed) window.used += amount
      return {
        allowed,
        remaining: Math.max(0, limit - window.used),
        reset_seconds: Math.max(1, Math.ceil((window.ends_ms - now) / 1_000)),
      }
    },
    sweep,
  }
}
