import type { Intercept } from './tapped-storage.ts'

/** Longer than anything takes that is not the storage's work, hashing of passwords aside. */
const GATHER_MS = 3

export interface Rounds {
  /** For `node.tap`. */
  intercept: Intercept
  /** What has been asked of the storage since the last look: calls, and one after the other of how many of them. */
  look(): { calls: number; rounds: number }
}

/**
 * Lets storage calls through in rounds: those that are made without waiting for each other go together, so that the
 * number of rounds is how often a request waits for the storage, as if every call took the same time.
 */
export function countRounds(): Rounds {
  let waiting: (() => Promise<unknown>)[] = []
  let scheduled = false
  let calls = 0
  let rounds = 0

  const schedule = () => {
    if (scheduled || waiting.length === 0) return
    scheduled = true
    setTimeout(async () => {
      const round = waiting
      waiting = []
      rounds++
      await Promise.allSettled(round.map((call) => call()))
      scheduled = false
      schedule()
    }, GATHER_MS)
  }

  return {
    intercept(_call, run) {
      calls++
      return new Promise((resolve, reject) => {
        waiting.push(() => run().then(resolve, reject))
        schedule()
      })
    },
    look() {
      const seen = { calls, rounds }
      calls = 0
      rounds = 0
      return seen
    },
  }
}
