import type { DatabaseSync } from 'node:sqlite'
import { type BatchAnswer, failure, type Outcome, type Request, unavailable } from './messages.ts'
import type { Handler, WriterContext } from './part.ts'
import { isFailedSync, isTemporary } from './sqlite-errors.ts'

/** A batch becomes one transaction and one sync; each write of it stands in a savepoint of its own. */
export function createCommitter(options: {
  db: DatabaseSync
  prepare: WriterContext['prepare']
  clock: () => number
  handlers: (context: WriterContext) => Record<string, Handler>
}): (batch: readonly Request[]) => BatchAnswer {
  const { db, prepare, clock } = options
  const begin = prepare('BEGIN IMMEDIATE')
  const end = prepare('COMMIT')
  const savepoint = prepare('SAVEPOINT write')
  const release = prepare('RELEASE write')
  const undo = prepare('ROLLBACK TO write')
  const tell = prepare('INSERT INTO outbox (topic, at, json) VALUES (?, ?, ?)')
  let told = 0
  const handlers = options.handlers({
    db,
    prepare,
    tell({ topic, json }) {
      tell.run(topic, clock(), json)
      told += 1
    },
  })

  function apply({ kind, input }: Request): Outcome {
    const handler = handlers[kind]
    if (!handler) return failure(new Error(`no part writes ${kind}`))
    const told_before = told
    savepoint.run()
    try {
      const value = handler(input)
      release.run()
      return { value }
    } catch (error) {
      // A full disk or a failed write spoils the whole batch: with some of them SQLite has undone it already.
      if (!db.isTransaction || isTemporary(error) || isFailedSync(error)) throw error
      undo.run()
      release.run()
      told = told_before
      return failure(error)
    }
  }

  return function commit(batch) {
    told = 0
    try {
      begin.run()
      const outcomes = batch.map(apply)
      end.run()
      return { outcomes, told: told > 0 }
    } catch (error) {
      if (isFailedSync(error)) return { outcomes: [], told: false, fatal: (error as Error).message }
      if (db.isTransaction) db.exec('ROLLBACK')
      const outcome = failure(
        isTemporary(error) ? unavailable(`The storage cannot write: ${(error as Error).message}.`) : error,
      )
      return { outcomes: batch.map(() => outcome), told: false, failed: true }
    }
  }
}
