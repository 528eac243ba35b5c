import { parentPort, workerData } from 'node:worker_threads'
import { systemClock } from '../../kernel/clock.ts'
import { createCheckpoint, RESTART_PAGES } from './checkpoint.ts'
import { createCommitter } from './commit.ts'
import { openWriting, statementCache } from './connection.ts'
import { documentWrites } from './document-writes.ts'
import type { Request, WorkerSetup } from './messages.ts'
import type { WriterContext } from './part.ts'
import { PARTS } from './parts.ts'
import { scrubbed } from './scrub.ts'

const BATCHES_BETWEEN_LOOKS = 16

/** The writer thread: takes batches from the main thread, one at a time, and answers when they are on disk. */
function run(setup: WorkerSetup, port: NonNullable<typeof parentPort>): void {
  const db = openWriting(setup.path, setup.max_pages)
  const prepare = statementCache(db)
  const checkpoint = createCheckpoint(prepare)
  const handlers = (context: WriterContext) =>
    Object.assign(
      {},
      documentWrites(context, setup.collections),
      ...PARTS.map((part) => part.writes(context)),
    )
  const commit = createCommitter({ db, prepare, clock: systemClock.now, handlers })

  let batches = 0

  port.on('message', (message: Request[] | 'close') => {
    if (message === 'close') {
      checkpoint.move()
      db.close()
      port.close()
      return
    }
    const answer = scrubbed(db, message, commit(message))
    port.postMessage(answer)
    batches += 1
    // Moving pages into the database file is what makes room in the log again.
    if (answer.failed) checkpoint.move()
    else if (batches % BATCHES_BETWEEN_LOOKS === 0 && checkpoint.look().pages >= RESTART_PAGES)
      checkpoint.move()
  })
}

if (parentPort) run(workerData as WorkerSetup, parentPort)
