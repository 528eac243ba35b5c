import { existsSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import type { ObjectFact, ProviderFacts } from './facts.ts'

/** Reads the ledger of the test provider, whether or not a shop has it open. */
export function providerReader(path: string): () => ProviderFacts {
  return () => {
    if (!existsSync(path)) return { objects: [], operations: [] }
    const db = new DatabaseSync(path, { readOnly: true })
    try {
      const objects = db.prepare('SELECT * FROM objects').all() as unknown as ObjectFact[]
      const operations = db.prepare('SELECT key, kind, object_id, outcome, amount FROM operations').all()
      return { objects, operations: operations as unknown as ProviderFacts['operations'] }
    } finally {
      db.close()
    }
  }
}
