import { Worker } from 'node:worker_threads'
import { type Outcome, type Request, toError, unavailable, type WorkerSetup } from './messages.ts'

/** Reads that may wait for the reading worker. */
const MAX_WAITING_READS = 1_000

export interface ReadQueue {
  read<Result>(kind: string, input: unknown): Promise<Result>
  close(): Promise<void>
}

/** Long reads, one after the other in a thread of their own, which starts with the first of them. */
export function createReadQueue(setup: WorkerSetup, onFatal: (message: string) => void): ReadQueue {
  let worker: Worker | undefined
  let closing = false
  const waiting: { resolve(value: unknown): void; reject(error: Error): void }[] = []

  function start(): Worker {
    const started = new Worker(new URL('./reader.ts', import.meta.url), { workerData: setup })
    started.on('message', (outcome: Outcome) => {
      const { resolve, reject } = waiting.shift()!
      if ('value' in outcome) resolve(outcome.value)
      else reject(toError(outcome))
      if (waiting.length === 0) started.unref()
    })
    started.on('error', (error: Error) => onFatal(`the reading worker failed: ${error.message}`))
    return started
  }

  return {
    read<Result>(kind: string, input: unknown) {
      if (closing) return Promise.reject(unavailable('The storage is closing.'))
      if (waiting.length >= MAX_WAITING_READS)
        return Promise.reject(unavailable('Too many reads wait already.'))
      worker ??= start()
      worker.ref()
      worker.postMessage({ kind, input } satisfies Request)
      return new Promise<Result>((resolve, reject) => {
        waiting.push({ resolve: resolve as (value: unknown) => void, reject })
      })
    },
    async close() {
      closing = true
      if (!worker) return
      const ended = new Promise((resolve) => worker!.once('exit', resolve))
      worker.ref()
      worker.postMessage('close')
      await ended
    },
  }
}
