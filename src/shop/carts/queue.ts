import { Refusal } from '../../kernel/errors.ts'

/** How many changes of one cart wait for each other. */
export const MAX_WAITING = 1_000

/**
 * Runs the jobs of one key one after the other. Compare-and-set keeps carts right with any number of
 * processes; the queue only spares the processes that would lose.
 */
export function createKeyedQueue() {
  const lines = new Map<string, { last: Promise<unknown>; waiting: number }>()

  return async function run<Result>(key: string, job: () => Promise<Result>): Promise<Result> {
    const line = lines.get(key) ?? { last: Promise.resolve(), waiting: 0 }
    if (line.waiting >= MAX_WAITING) {
      throw new Refusal('unavailable', 'cart_busy', 'Too much happens to this cart at once; try again.', {
        retry_after_seconds: 1,
      })
    }
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
