import type { DatabaseSync } from 'node:sqlite'
import { parentPort, workerData } from 'node:worker_threads'
import { systemClock } from '../../kernel/clock.ts'
import { createCheckpoints } from './checkpoint.ts'
import { type CollectionPlan, createCollection } from './collection-schema.ts'
import { createCommitter } from './commit.ts'
import { openWriting, statementCache } from './connection.ts'
import { documentWrites } from './document-writes.ts'
import { stampFile } from './file-format.ts'
import type { Request, WorkerSetup } from './messages.ts'
import type { WriterContext } from './part.ts'
import { PARTS } from './parts.ts'

/** The writer thread: takes batches from the main thread, one at a time, and answers when they are on disk. */
function run(setup: WorkerSetup, port: NonNullable<typeof parentPort>): void {
  const db = openWriting(setup.path)
  createTables(db, setup.collections)
  const prepare = statementCache(db)
  const checkpoints = createCheckpoints(prepare)
  const handlers = (context: WriterContext) =>
    Object.assign(
      {},
      documentWrites(context, setup.collections),
      ...PARTS.map((part) => part.writes(context)),
    )
  const commit = createCommitter({ db, prepare, clock: systemClock.now, handlers })

  port.on('message', (message: Request[] | 'close') => {
    if (message === 'close') {
      checkpoints.now()
      db.close()
      port.close()
      return
    }
    port.postMessage(commit(message))
    checkpoints.afterBatch()
  })
  port.postMessage('ready')
}

function createTables(db: DatabaseSync, collections: readonly CollectionPlan[]): void {
  db.exec('BEGIN IMMEDIATE')
  for (const part of PARTS) db.exec(part.schema)
  for (const plan of collections) createCollection(db, plan)
  stampFile(db)
  db.exec('COMMIT')
}

if (parentPort) run(workerData as WorkerSetup, parentPort)
