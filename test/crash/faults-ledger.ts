import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/** A fault planted into the files of a shop at rest, with the invariants of which one must be reported. */
export interface Fault {
  name: string
  reported: RegExp
  /** Into the files of this folder. */
  plant(directory: string): void
}

type Change = (db: DatabaseSync) => void

export function changed(path: string, change: Change): void {
  const db = new DatabaseSync(path)
  try {
    change(db)
  } finally {
    db.close()
  }
}

const ledger = (change: Change) => (directory: string) => changed(join(directory, 'test-provider.db'), change)

/** What a shop and its provider could differ in, on any pair. */
export const LEDGER_FAULTS: Fault[] = [
  {
    name: 'money taken twice',
    reported: /^I11: .* has captures of \d+, \d+/,
    plant: ledger((db) => {
      db.exec(`INSERT INTO objects (id, order_id, amount, currency, state, captured, created_at)
        SELECT 'tpo_twice', order_id, amount, currency, 'captured', captured, created_at
        FROM objects WHERE captured > 0 LIMIT 1`)
    }),
  },
  {
    name: 'more given back than was recorded',
    reported: /^I13: .* records \d+, the ledger \d+/,
    plant: ledger((db) => {
      db.exec(`UPDATE objects SET refunded = refunded + 1
        WHERE id = (SELECT id FROM objects WHERE captured > refunded LIMIT 1)`)
    }),
  },
  {
    name: 'money that is held for ever',
    reported: /^I12: tpo_held still holds the money/,
    plant: ledger((db) => {
      db.exec(`INSERT INTO objects (id, order_id, amount, currency, state, created_at)
        SELECT 'tpo_held', order_id, amount, currency, 'authorised', created_at FROM objects LIMIT 1`)
    }),
  },
  {
    name: 'more given back than was taken',
    reported: /^I13: .* gave back more than it took/,
    plant: ledger((db) => {
      db.exec('PRAGMA ignore_check_constraints = ON')
      db.exec(`UPDATE objects SET refunded = captured + 1
        WHERE id = (SELECT id FROM objects WHERE captured > 0 LIMIT 1)`)
    }),
  },
  {
    name: 'an operation that no order intended',
    reported: /^I14: ord_x:capture:1 was never intended/,
    plant: ledger((db) => {
      db.exec(`INSERT INTO operations (key, kind, object_id, amount, method, outcome, at)
        SELECT 'ord_x:capture:1', 'capture', id, amount, '', 'done', created_at FROM objects LIMIT 1`)
    }),
  },
  {
    name: 'a notice that nobody sent',
    reported: /^I21: the notice .* was told by nobody/,
    plant: ledger((db) => {
      db.exec('DELETE FROM notices WHERE n = (SELECT min(n) FROM notices WHERE copies <= 0)')
    }),
  },
  {
    name: 'a notice that was changed on its way',
    reported: /^I21: the notice .* is not what the provider told/,
    plant: ledger((db) => {
      db.exec(`UPDATE notices SET body = json_set(body, '$.object.captured', -1)
        WHERE n = (SELECT min(n) FROM notices WHERE copies <= 0)`)
    }),
  },
  {
    name: 'a notice lost that was acknowledged',
    reported: /^I21: the notice tpn_lost was acknowledged and is gone/,
    plant: ledger((db) => {
      db.exec("INSERT INTO notices (id, body, due_at, copies) VALUES ('tpn_lost', '{}', 0, 0)")
    }),
  },
  {
    name: 'a forged notice taken',
    reported: /^I21: a forged tpn_forged was answered with 204/,
    plant: ledger((db) => {
      db.exec("INSERT INTO forgeries (notice, status) VALUES ('tpn_forged', 204)")
    }),
  },
]
