import { Refusal } from '../../kernel/errors.ts'

/** How long anyone may have to wait for a slot before they are better told to come back. */
export const MAX_HASH_WAIT_MS = 2_000
const SMOOTHING = 0.2

export interface HashLimiter {
  /** Runs `work` in a slot; refuses at once with `unavailable` / `busy` when the queue holds too much work. */
  run<Result>(work: () => Promise<Result>): Promise<Result>
  load(): { running: number; waiting: number; finished: number }
}

interface HashLimiterOptions {
  slots: number
  /** First guess of how long one piece of work takes; measured from then on. */
  estimate_ms: number
  max_wait_ms?: number
}

/**
 * Bounds the hashes that are computed at once and those that wait. Hashing uses the threads that also serve
 * files and names, and a queue of it is invisible to anything that watches the event loop.
 */
export function createHashLimiter({
  slots,
  estimate_ms,
  max_wait_ms = MAX_HASH_WAIT_MS,
}: HashLimiterOptions): HashLimiter {
  const waiting: (() => void)[] = []
  let running = 0
  let finished = 0
  let average_ms = estimate_ms

  function enter(): Promise<void> | undefined {
    if (running < slots) {
      running += 1
      return undefined
    }
    const wait_ms = ((waiting.length + 1) * average_ms) / slots
    if (wait_ms > max_wait_ms) {
      throw new Refusal('unavailable', 'busy', 'Too many sign-ins at once; try again shortly.', {
        retry_after_seconds: 1 + Math.ceil((Math.random() * max_wait_ms) / 1_000),
      })
    }
    return new Promise((resolve) => waiting.push(resolve))
  }

  function leave() {
    finished += 1
    const next = waiting.shift()
    if (next) next()
    else running -= 1
  }

  return {
    async run(work) {
      await enter()
      const began = performance.now()
      try {
        return await work()
      } finally {
        average_ms += SMOOTHING * (performance.now() - began - average_ms)
        leave()
      }
    },
    load: () => ({ running, waiting: waiting.length, finished }),
  }
}
