const SMOOTHING = 0.2

export interface WorkLimiter {
  /** Runs `work` in a slot; throws what `refuse` makes, at once, when the queue holds too much work. */
  run<Result>(work: () => Promise<Result>): Promise<Result>
  load(): { running: number; waiting: number; finished: number }
}

export interface WorkLimiterOptions {
  slots: number
  /** First guess of how long one piece of work takes; measured from then on. */
  estimate_ms: number
  /** How long anyone may have to wait for a slot before they are better told to come back. */
  max_wait_ms: number
  /** What they are told. */
  refuse(): Error
}

/** Bounds the pieces of heavy work that are done at once and those that wait. */
export function createWorkLimiter({
  slots,
  estimate_ms,
  max_wait_ms,
  refuse,
}: WorkLimiterOptions): WorkLimiter {
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
    if (wait_ms > max_wait_ms) throw refuse()
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
