import { toRefusal, unavailable } from './errors.ts'

export interface Runner {
  /** As MongoEngine has it: maps what the driver throws, refuses when closing. */
  run<Result>(work: () => Promise<Result>): Promise<Result>
  /** Refuses new work and resolves when what was taken is done. */
  drain(): Promise<void>
}

export function createRunner(): Runner {
  let inHand = 0
  let closing: Promise<void> | undefined
  let done: (() => void) | undefined

  return {
    async run(work) {
      if (closing) throw unavailable('The storage is closing.')
      inHand += 1
      try {
        return await work()
      } catch (error) {
        throw toRefusal(error)
      } finally {
        inHand -= 1
        if (inHand === 0) done?.()
      }
    },
    drain() {
      closing ??= new Promise((resolve) => {
        done = resolve
        if (inHand === 0) resolve()
      })
      return closing
    },
  }
}
