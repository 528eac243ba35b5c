import { DatabaseSync } from 'node:sqlite'
import type { Moved } from './expected-cards.ts'

/** Reads by order what the test provider took and gave back, from its ledger; throws when a file is none. */
export function readProviderLedger(path: string): Map<string, Moved> {
  let db: DatabaseSync | undefined
  try {
    db = new DatabaseSync(path, { readOnly: true })
    const rows = db
      .prepare(
        'SELECT order_id, sum(captured) AS taken, sum(refunded) AS given_back FROM objects GROUP BY order_id',
      )
      .all() as unknown as (Moved & { order_id: string })[]
    return new Map(rows.map(({ order_id, ...moved }) => [order_id, moved]))
  } catch (error) {
    throw new Error(`${path} is not a ledger of the test provider (${(error as Error).message}).`)
  } finally {
    db?.close()
  }
}
