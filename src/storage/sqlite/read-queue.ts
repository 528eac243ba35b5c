import { type Outcome, type Request, toError, unavailable, type WorkerSetup } from './messages.ts'
import { startThread, type Thread } from './threads.ts'

/** Reads that may wait for the reading worker. */
const MAX_WAITING_READS = 1_000

export interface ReadQueue {
  read<Result>(kind: string, input: unknown): Promise<Result>
  close(): Promise<void>
}

/** Long reads, one after the other in a thread of their own, which starts with the first of them. */
export function createReadQueue(setup: WorkerSetup): ReadQueue {
  let reader: Thread | undefined
  let closing = false
  const waiting: { resolve(value: unknown): void; reject(error: Error): void }[] = []

  function start(): Thread {
    const started = startThread('reader', setup)
    started.worker.on('message', (outcome: Outcome) => {
      const { resolve, reject } = waiting.shift()!
      if ('value' in outcome) resolve(outcome.value)
      else reject(toError(outcome))
      if (waiting.length === 0) started.worker.unref()
    })
    return started
  }

  return {
    read<Result>(kind: string, input: unknown) {
      if (closing) return Promise.reject(unavailable('The storage is closing.'))
      if (waiting.length >= MAX_WAITING_READS) {
        return Promise.reject(unavailable('Too many reads wait already.'))
      }
      reader ??= start()
      reader.worker.ref()
      reader.worker.postMessage({ kind, input } satisfies Request)
      return new Promise<Result>((resolve, reject) => {
        waiting.push({ resolve: resolve as (value: unknown) => void, reject })
      })
    },
    async close() {
      closing = true
      await reader?.stop()
    },
  }
}
