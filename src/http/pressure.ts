import { monitorEventLoopDelay } from 'node:perf_hooks'
import { getHeapStatistics } from 'node:v8'

const RESOLUTION_MS = 20
export const MAX_LOOP_DELAY_MS = 200
export const MAX_HEAP_SHARE = 0.8
export const MAX_MEMORY_SHARE = 0.85

/** Begins to watch; each call tells the pressure since the one before, 1 where the first threshold is reached. */
export function measurePressure(): () => number {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  delay.enable()
  const limit = process.constrainedMemory()
  return () => {
    const delay_ms = Math.max(0, delay.mean / 1e6 - RESOLUTION_MS)
    delay.reset()
    const heap = getHeapStatistics()
    const shares = [
      Number.isNaN(delay_ms) ? 0 : delay_ms / MAX_LOOP_DELAY_MS,
      heap.used_heap_size / heap.heap_size_limit / MAX_HEAP_SHARE,
    ]
    // A container's limit; where there is none Node.js answers 0 or more than any machine has.
    if (limit > 0 && limit < 2 ** 50) shares.push(process.memoryUsage.rss() / limit / MAX_MEMORY_SHARE)
    return Math.max(...shares)
  }
}
