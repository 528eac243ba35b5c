import { existsSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import type { ProviderFacts } from './facts.ts'

/** Reads the ledger of the test provider, whether or not that runs. */
export function providerReader(path: string): () => ProviderFacts {
  return () => {
    if (!existsSync(path)) return { objects: [], operations: [], notices: [], forgeries: [] }
    const db = new DatabaseSync(path, { readOnly: true })
    try {
      const objects = db.prepare('SELECT * FROM objects').all()
      const operations = db.prepare('SELECT key, kind, object_id, outcome, amount FROM operations').all()
      const notices = db.prepare('SELECT id, body, copies FROM notices').all()
      const forgeries = db.prepare('SELECT notice, status FROM forgeries').all()
      return { objects, operations, notices, forgeries } as unknown as ProviderFacts
    } finally {
      db.close()
    }
  }
}
