import { parentPort, workerData } from 'node:worker_threads'
import { openReading, statementCache, WALKER_CACHE_KIB } from './connection.ts'
import { documentReads } from './document-reads.ts'
import { failure, type Outcome, type Request, type WorkerSetup } from './messages.ts'
import type { Handler } from './part.ts'
import { PARTS } from './parts.ts'

/** The reading worker: counts, filters, facets, so that the main thread is free for short answers. */
function run(setup: WorkerSetup, port: NonNullable<typeof parentPort>): void {
  const db = openReading(setup.path, WALKER_CACHE_KIB)
  const context = { db, prepare: statementCache(db) }
  const handlers: Record<string, Handler> = Object.assign(
    {},
    documentReads(context, setup.collections),
    ...PARTS.map((part) => part.reads(context)),
  )

  function answer({ kind, input }: Request): Outcome {
    try {
      const handler = handlers[kind]
      if (!handler) throw new Error(`no part reads ${kind}`)
      return { value: handler(input) }
    } catch (error) {
      return failure(error)
    }
  }

  port.on('message', (message: Request | 'close') => {
    if (message === 'close') {
      db.close()
      port.close()
    } else {
      port.postMessage(answer(message))
    }
  })
}

if (parentPort) run(workerData as WorkerSetup, parentPort)
