import { type CollectionPlan, createCollection } from './collection-schema.ts'
import { openWriting } from './connection.ts'
import { stampFile } from './file-format.ts'
import { PARTS } from './parts.ts'

/** Makes what is missing and brings indexes to their definitions, all in one transaction, before any thread starts. */
export function createTables(path: string, collections: readonly CollectionPlan[]): void {
  const db = openWriting(path)
  try {
    db.exec('BEGIN IMMEDIATE')
    for (const part of PARTS) db.exec(part.schema)
    for (const plan of collections) createCollection(db, plan)
    stampFile(db)
    db.exec('COMMIT')
  } finally {
    db.close()
  }
}
