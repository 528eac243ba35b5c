import type { Refusal } from './errors.ts'

export interface KeyedQueueOptions {
  /** How many jobs of one key wait for each other; one more hears the refusal. */
  max_waiting: number
  full(): Refusal
}

/**
 * Runs the jobs of one key one after the other. Compare-and-set keeps documents right with any number of processes; the
 * queue only spares those of one process to lose to each other.
 */
export function createKeyedQueue({ max_waiting, full }: KeyedQueueOptions) {
  const lines = new Map<string, { last: Promise<unknown>; waiting: number }>()

  return async function run<Result>(key: string, job: () => Promise<Result>): Promise<Result> {
    const line = lines.get(key) ?? { last: Promise.resolve(), waiting: 0 }
    if (line.waiting >= max_waiting) throw full()
    lines.set(key, line)
    line.waiting++
    const mine = line.last.then(job)
    line.last = mine.catch(() => {})
    try {
      return await mine
    } finally {
      line.waiting--
      if (line.waiting === 0) lines.delete(key)
    }
  }
}
