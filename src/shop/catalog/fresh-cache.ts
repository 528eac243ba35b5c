import { LRUCache } from 'lru-cache'

export interface FreshCacheOptions<Value extends object> {
  max_entries: number
  /** With `sizeOf`: the sum that is kept at most. */
  max_size?: number
  sizeOf?(value: Value): number
  load(id: string): Promise<Value | undefined>
}

export type FreshCache<Value extends object> = ReturnType<typeof createFreshCache<Value>>

/**
 * Values as they were read, until this process writes what they come from: the writer calls `forget` when its
 * write is acknowledged and before it answers. A reading that was under way then is not kept.
 */
export function createFreshCache<Value extends object>({
  max_entries,
  max_size,
  sizeOf,
  load,
}: FreshCacheOptions<Value>) {
  const kept = new LRUCache<string, Value>({
    max: max_entries,
    ...(max_size && sizeOf && { maxSize: max_size, sizeCalculation: sizeOf }),
  })
  const loading = new Map<string, Promise<Value | undefined>>()

  function read(id: string): Promise<Value | undefined> {
    const running = load(id)
      .then((value) => {
        if (loading.get(id) === running && value !== undefined) kept.set(id, value)
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
