import { LRUCache } from 'lru-cache'
import { boundedCache } from '../../kernel/bounded-cache.ts'

/** How many are kept at most, or the sum of their sizes. */
type Limit<Value> = { max_entries: number } | { max_size: number; sizeOf(value: Value): number }

export type FreshCacheOptions<Value extends object> = Limit<Value> & {
  load(id: string): Promise<Value | undefined>
  /** Kept no longer than so many milliseconds from when its reading began; without it until it is forgotten. */
  max_age_ms?: number
}

export type FreshCache<Value extends object> = ReturnType<typeof createFreshCache<Value>>

/**
 * Values as they were read, until this process writes what they come from: the writer calls `forget` when its
 * write is acknowledged and before it answers. A reading that was under way then is not kept. Of what other processes
 * write it knows nothing: where there are any, `max_age_ms` says how stale a value may be.
 */
export function createFreshCache<Value extends object>({
  load,
  max_age_ms = 0,
  ...limit
}: FreshCacheOptions<Value>) {
  const kept =
    'sizeOf' in limit
      ? new LRUCache<string, Value>({ maxSize: limit.max_size, sizeCalculation: limit.sizeOf })
      : boundedCache<Value>(limit.max_entries)
  const loading = new Map<string, Promise<Value | undefined>>()

  function read(id: string): Promise<Value | undefined> {
    const age = { ttl: max_age_ms, start: performance.now() }
    const running = load(id)
      .then((value) => {
        if (loading.get(id) === running && value !== undefined) kept.set(id, value, age)
        return value
      })
      .finally(() => {
        if (loading.get(id) === running) loading.delete(id)
      })
    loading.set(id, running)
    return running
  }

  return {
    /** What is kept, without reading. */
    peek: (id: string): Value | undefined => kept.get(id),
    async get(id: string): Promise<Value | undefined> {
      return kept.get(id) ?? loading.get(id) ?? read(id)
    },
    forget(id: string): void {
      kept.delete(id)
      loading.delete(id)
    },
    clear(): void {
      kept.clear()
      loading.clear()
    },
  }
}
