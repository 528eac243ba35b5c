import { parentPort, workerData } from 'node:worker_threads'
import { CHECKPOINT_PAGES, createCheckpoint } from './checkpoint.ts'
import { openWriting } from './connection.ts'
import type { WorkerSetup } from './messages.ts'

const LOOK_EVERY_MS = 100

/**
 * Moves the write-ahead log into the database file beside the writer, which then has little left to move
 * when it makes the log start again. A failed sync ends this thread by its error, and the process with it.
 */
function run(setup: WorkerSetup, port: NonNullable<typeof parentPort>): void {
  const db = openWriting(setup.path)
  const checkpoint = createCheckpoint((sql) => db.prepare(sql))
  const timer = setInterval(() => {
    const { pages, moved } = checkpoint.look()
    if (pages - moved >= CHECKPOINT_PAGES) checkpoint.move()
  }, LOOK_EVERY_MS)
  port.on('message', () => {
    clearInterval(timer)
    db.close()
    port.close()
  })
}

if (parentPort) run(workerData as WorkerSetup, parentPort)
