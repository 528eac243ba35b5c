/**
 * Work whose callers may share one run, but never one that began before they asked: what it read could be older than
 * what they have seen.
 */
export function coalesced<T>(work: () => Promise<T>): () => Promise<T> {
  let running: Promise<T> | undefined
  let next: Promise<T> | undefined

  const start = (): Promise<T> => {
    next = undefined
    const run = work()
    running = run
    const over = () => {
      if (running === run) running = undefined
    }
    run.then(over, over)
    return run
  }
  return () => {
    if (!running) return start()
    next ??= running.then(start, start)
    return next
  }
}
