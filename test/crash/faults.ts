import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { changed, type Fault, LEDGER_FAULTS } from './faults-ledger.ts'

type Change = (db: DatabaseSync) => void

const storage = (change: Change) => (directory: string) => changed(join(directory, 'shop.db'), change)
const log = (change: Change) => (directory: string) => changed(join(directory, 'log.db'), change)

/** The text of a log row with two or more events of the orders' topic, and its id. */
function orderRow(db: DatabaseSync): { id: bigint; events: string[] } {
  const statement = db.prepare(
    `SELECT b.id, b.events FROM batches b JOIN topics t ON b.id / 1099511627776 / 12 = t.id
     WHERE t.name = 'ecommerce-orders' AND b.count > 1 ORDER BY b.id DESC LIMIT 1`,
  )
  statement.setReadBigInts(true)
  const row = statement.get()
  if (!row) throw new Error('the campaign was too short: no row of the log has two events of orders')
  return { id: row.id as bigint, events: String(row.events).split('\n') }
}

function rewrite(db: DatabaseSync, id: bigint, events: readonly string[]): void {
  db.prepare('UPDATE batches SET events = ?, count = ? WHERE id = ?').run(
    events.join('\n'),
    events.length,
    id,
  )
}

export const FAULTS: Fault[] = [
  {
    name: 'an acknowledged order removed',
    reported: /^I7: the acknowledged order .* is gone/,
    plant: storage((db) => {
      db.exec(`DELETE FROM orders WHERE id = (
        SELECT id FROM orders WHERE body ->> '$.idem.key' IS NOT NULL AND body ->> '$.result.kind' = 'placed' LIMIT 1)`)
    }),
  },
  {
    name: 'a mail lost',
    reported: /^I25: .* has 0 mails order_confirmed, and should have 1/,
    plant: storage((db) => {
      db.exec(
        `DELETE FROM mails WHERE id = (SELECT min(id) FROM mails WHERE body ->> '$.kind' = 'order_confirmed')`,
      )
    }),
  },
  {
    name: 'a stock unit leaked',
    reported: /^I4: .* is reserved for .*, which is COMMITTED/,
    plant: storage((db) => {
      const { order_id, product_id, sku } = db
        .prepare(`SELECT o.id AS order_id, line.value ->> '$.product_id' AS product_id, line.value ->> '$.sku' AS sku
          FROM orders o, json_each(o.body, '$.lines') line WHERE o.body ->> '$.step' = 'COMMITTED' LIMIT 1`)
        .get() as Record<string, string>
      db.prepare(
        'UPDATE stock SET sold = sold - 1, reserved = reserved + 1 WHERE product_id = ? AND sku = ?',
      ).run(product_id!, sku!)
      db.prepare(
        'INSERT INTO stock_reservations (product_id, sku, order_id, quantity, at) VALUES (?, ?, ?, 1, 0)',
      ).run(product_id!, sku!, order_id!)
    }),
  },
  {
    name: 'a stock unit added',
    reported: /^I1: /,
    plant: storage((db) => {
      db.exec('UPDATE stock SET available = available + 1 WHERE id = (SELECT min(id) FROM stock)')
    }),
  },
  {
    name: 'an event dropped',
    reported: /^I1[67]/,
    plant: log((db) => {
      const { id, events } = orderRow(db)
      rewrite(db, id, events.slice(1))
    }),
  },
  {
    name: 'two events swapped',
    reported: /^I1[679]/,
    plant: log(swapAcrossRows),
  },
  {
    name: 'a total off by one',
    reported: /^I22: /,
    plant: storage((db) => {
      db.exec(`UPDATE orders SET body = json_set(body, '$.total', (body ->> '$.total') + 1)
        WHERE id = (SELECT id FROM orders WHERE body ->> '$.step' = 'COMMITTED' LIMIT 1)`)
    }),
  },
  {
    name: 'a notice that was taken twice',
    reported: /^I21: the notice .* is 2 times in the inbox/,
    plant: storage((db) => {
      db.exec(`INSERT INTO webhook_inbox (id, version, body)
        SELECT id || ':again', version, json_set(body, '$.id', id || ':again') FROM webhook_inbox LIMIT 1`)
    }),
  },
  ...LEDGER_FAULTS,
]

/** Exchanges two events of one subject that lie in different rows. */
function swapAcrossRows(db: DatabaseSync): void {
  const statement = db.prepare('SELECT id, events FROM batches ORDER BY id')
  statement.setReadBigInts(true)
  const seen = new Map<string, { id: bigint; index: number; text: string }>()
  for (const row of statement.all()) {
    const id = row.id as bigint
    for (const [index, text] of String(row.events).split('\n').entries()) {
      const { subject, sequence } = JSON.parse(text) as { subject: string; sequence: number }
      if (sequence === 0) continue
      const earlier = seen.get(subject)
      if (earlier && earlier.id !== id) {
        replaceAt(db, earlier.id, earlier.index, text)
        replaceAt(db, id, index, earlier.text)
        return
      }
      seen.set(subject, { id, index, text })
    }
  }
  throw new Error('the campaign was too short: no subject has two events')
}

function replaceAt(db: DatabaseSync, id: bigint, index: number, text: string): void {
  const events = String(db.prepare('SELECT events FROM batches WHERE id = ?').get(id)?.events).split('\n')
  events[index] = text
  rewrite(db, id, events)
}
