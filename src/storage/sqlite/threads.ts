import { Worker } from 'node:worker_threads'
import type { WorkerSetup } from './messages.ts'

/** `EX_IOERR`: what is on the disk is not known any more, and only a new start can find out. */
const EXIT_STORAGE_FAILED = 74

export interface Thread {
  worker: Worker
  /** Asks it to close its files and waits until it has. */
  stop(): Promise<void>
}

/** A thread of the engine; one that ends by itself takes the process along, because its work is in doubt. */
export function startThread(file: 'writer' | 'reader' | 'checkpointer', setup: WorkerSetup): Thread {
  const worker = new Worker(new URL(`./${file}.ts`, import.meta.url), { workerData: setup })
  const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()))
  let stopping = false
  worker.on('error', (error: Error) => endProcess(`the ${file} failed: ${error.message}`))
  worker.on('exit', () => {
    if (!stopping) endProcess(`the ${file} ended`)
  })
  return {
    worker,
    async stop() {
      stopping = true
      worker.ref()
      worker.postMessage('close')
      await ended
    },
  }
}

/** Ends the process at once: no further write may be answered. */
export function endProcess(reason: string): never {
  process.stderr.write(`storage: ${reason}; the process ends, because what is on the disk is in doubt\n`)
  process.exit(EXIT_STORAGE_FAILED)
}
