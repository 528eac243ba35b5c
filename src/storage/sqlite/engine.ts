import { openReading, statementCache } from './connection.ts'
import { type BatchAnswer, unavailable, type WorkerSetup } from './messages.ts'
import type { Engine } from './part.ts'
import { createReadQueue } from './read-queue.ts'
import { endProcess, startThread } from './threads.ts'
import { createWriteQueue } from './write-queue.ts'

export interface RunningEngine extends Engine {
  onCommit(listener: () => void): () => void
  close(): Promise<void>
}

/** Starts the threads over a prepared file. */
export function startEngine(setup: WorkerSetup): RunningEngine {
  const writer = startThread('writer', setup)
  const checkpointer = startThread('checkpointer', setup)
  const queue = createWriteQueue({
    send: (batch) => writer.worker.postMessage(batch),
    onAnswer: (take) => writer.worker.on('message', (answer: BatchAnswer) => take(answer)),
    onFatal: endProcess,
  })
  const reading = openReadingSide(setup)
  let closing: Promise<void> | undefined

  async function close(): Promise<void> {
    await queue.drain()
    await reading.close()
    await checkpointer.stop()
    await writer.stop()
  }

  return {
    ...reading.engine,
    write: queue.write,
    onCommit: queue.onCommit,
    close() {
      closing ??= close()
      return closing
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
  const queue = createReadQueue(setup)
  const engine: Pick<Engine, 'read' | 'prepare'> = { read: queue.read, prepare: statementCache(db) }
  return {
    engine,
    async close() {
      await queue.close()
      if (db.isOpen) db.close()
    },
  }
}
