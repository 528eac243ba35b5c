import type { Db } from 'mongodb'
import { StartRefused } from '../../kernel/start-refused.ts'
import { OPERATION } from './connection.ts'
import { FACTS } from './outbox-documents.ts'

/**
 * A shop that moves into this database from another storage, as a note in it: so the same command goes on where a crash
 * broke it off, and no server starts on half a shop.
 */
export interface Moving {
  _id: 'moving'
  /** Tells the shop that moves, in its state, from any other. */
  source: string
  /** Where its log goes and what is kept of it, in words. */
  log: string
  begun_at: string
  /** Null until everything was copied and compared. */
  finished_at: string | null
  /** How far each step of the copy has come, in its own words. */
  steps: Record<string, unknown>
}

export async function readMoving(db: Db): Promise<Moving | null> {
  return db.collection<Moving>(FACTS).findOne({ _id: 'moving' }, OPERATION)
}

/** Refuses a database into which a shop has moved only in part. */
export async function refuseUnfinished(db: Db): Promise<void> {
  const moving = await readMoving(db)
  if (!moving || moving.finished_at !== null) return
  throw new StartRefused(
    `The database ${db.databaseName} holds only a part of a shop that moves into it (begun ${moving.begun_at}). Repeat npm run migrate-storage as it was called then, or drop the database.`,
  )
}
