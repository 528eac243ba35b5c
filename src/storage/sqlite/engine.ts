import { Worker } from 'node:worker_threads'
import { openReading, statementCache } from './connection.ts'
import { type BatchAnswer, unavailable, type WorkerSetup } from './messages.ts'
import type { Engine } from './part.ts'
import { createReadQueue } from './read-queue.ts'
import { createWriteQueue } from './write-queue.ts'

/** `EX_IOERR`: what is on the disk is not known any more, and only a new start can find out. */
const EXIT_STORAGE_FAILED = 74

export interface RunningEngine extends Engine {
  onCommit(listener: () => void): () => void
  close(): Promise<void>
}

/** Starts the writer, which makes the tables, and then opens what reads. */
export async function startEngine(setup: WorkerSetup): Promise<RunningEngine> {
  const writer = new Worker(new URL('./writer.ts', import.meta.url), { workerData: setup })
  await new Promise<void>((resolve, reject) => {
    writer.once('message', () => resolve())
    writer.once('error', reject)
  })
  let closing = false
  writer.on('error', (error: Error) => endProcess(`the writer failed: ${error.message}`))
  writer.on('exit', () => {
    if (!closing) endProcess('the writer ended')
  })
  const queue = createWriteQueue({
    send: (batch) => writer.postMessage(batch),
    onAnswer: (take) => writer.on('message', (answer: BatchAnswer) => take(answer)),
    onFatal: endProcess,
  })
  const reading = openReadingSide(setup)
  return {
    ...reading.engine,
    write: queue.write,
    onCommit: queue.onCommit,
    async close() {
      if (closing) return
      await queue.drain()
      closing = true
      await reading.close()
      const ended = new Promise((resolve) => writer.once('exit', resolve))
      writer.postMessage('close')
      await ended
    },
  }
}

/** For tools that look while a server runs: there is no writer. */
export function startReadOnlyEngine(setup: WorkerSetup): RunningEngine {
  const reading = openReadingSide(setup)
  return {
    ...reading.engine,
    write: () => Promise.reject(unavailable('The storage was opened to read only.')),
    onCommit: () => () => {},
    close: reading.close,
  }
}

function openReadingSide(setup: WorkerSetup) {
  const db = openReading(setup.path)
  const queue = createReadQueue(setup, endProcess)
  const engine: Pick<Engine, 'read' | 'prepare'> = { read: queue.read, prepare: statementCache(db) }
  return {
    engine,
    async close() {
      await queue.close()
      if (db.isOpen) db.close()
    },
  }
}

function endProcess(reason: string): never {
  process.stderr.write(`storage: ${reason}; the process ends, because it cannot know what is on the disk\n`)
  process.exit(EXIT_STORAGE_FAILED)
}
