import { LRUCache } from 'lru-cache'

/**
 * The values used last, at most `max_entries` of them. It counts sizes of one, because a cache that is told a number of
 * entries takes room for all of them at once.
 */
export function boundedCache<Value extends object | string>(max_entries: number): LRUCache<string, Value> {
  return new LRUCache({ maxSize: max_entries, sizeCalculation: () => 1 })
}
