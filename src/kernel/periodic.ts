export interface Periodic {
  /** Runs soon instead of after the interval. */
  wake(): void
  /** Waits for the run in hand. */
  stop(): Promise<void>
}

/** Repeats `job` with `interval_ms` between two runs; a failure is told to `onError` and the next run comes. */
export function periodically(
  interval_ms: number,
  job: () => Promise<void>,
  onError: (error: unknown) => void,
): Periodic {
  let stopped = false
  let wakened = false
  let timer: NodeJS.Timeout | undefined
  let running: Promise<void> | undefined

  const schedule = (delay_ms: number) => {
    timer = setTimeout(run, delay_ms)
    timer.unref()
  }
  const run = () => {
    wakened = false
    running = job()
      .catch(onError)
      .finally(() => {
        running = undefined
        if (!stopped) schedule(wakened ? 0 : interval_ms)
      })
  }
  schedule(interval_ms)

  return {
    wake() {
      if (stopped || wakened) return
      wakened = true
      if (running) return
      clearTimeout(timer)
      schedule(0)
    },
    async stop() {
      stopped = true
      clearTimeout(timer)
      await running
    },
  }
}
