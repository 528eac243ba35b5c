import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { RESTING_STEPS, type StockFact, type StorageFacts, type StorageReader } from './facts.ts'

const STEPS = RESTING_STEPS.map((step) => `'${step}'`).join(', ')

const OPEN = "('intent', 'unknown')"
/** An order by card that nobody but its customer can bring on. */
const WAITING = `body ->> '$.payment_method' = 'card' AND body ->> '$.step' IN ('RESERVED', 'AUTHORIZING')`

/** What is under way, each with the query that counts it. */
const UNREST: [what: string, from: string][] = [
  ['orders under way', `orders WHERE body ->> '$.step' NOT IN (${STEPS}) AND NOT (${WAITING})`],
  [
    'payments that are not known',
    `orders, json_each(body, '$.payment.operations') WHERE value ->> '$.state' IN ${OPEN}`,
  ],
  ['carts half merged', `carts WHERE body ->> '$.merging_into' IS NOT NULL`],
  ['products with pending stock', `products WHERE json_array_length(body, '$.pending_stock') > 0`],
  ['notices that were not looked at', `webhook_inbox WHERE body ->> '$.due_at' IS NOT NULL`],
  ['events in the outbox', 'outbox'],
]

/** Reads `shop.db` of a folder, whether or not a server has it open. */
export function sqliteReader(directory: string): StorageReader {
  async function reading<Result>(read: (db: DatabaseSync) => Result): Promise<Result> {
    const db = new DatabaseSync(join(directory, 'shop.db'), { readOnly: true })
    try {
      return read(db)
    } finally {
      db.close()
    }
  }
  return {
    read: () => reading(read),
    unrest: () =>
      reading((db) =>
        UNREST.map(([what, from]) => ({
          what,
          count: Number(db.prepare(`SELECT count(*) AS n FROM ${from}`).get()?.n),
        }))
          .filter(({ count }) => count > 0)
          .map(({ what, count }) => `${count} ${what}`),
      ),
    async close() {},
  }
}

function read(db: DatabaseSync): StorageFacts {
  const documents = <T>(table: string) =>
    db
      .prepare(`SELECT body FROM ${table} ORDER BY id`)
      .all()
      .map((row) => JSON.parse(String(row.body)) as T)
  return {
    orders: documents('orders'),
    products: documents('products'),
    carts: documents('carts'),
    users: documents('users'),
    sessions: documents('sessions'),
    inbox: documents('webhook_inbox'),
    mails: documents('mails'),
    stock: db.prepare('SELECT * FROM stock ORDER BY product_id, sku').all() as unknown as StockFact[],
    reservations: db
      .prepare('SELECT product_id, sku, order_id, quantity FROM stock_reservations')
      .all() as never,
    outbox: db
      .prepare('SELECT topic, json FROM outbox ORDER BY position')
      .all()
      .map(({ topic, json }) => {
        const { subject, sequence } = JSON.parse(String(json)) as { subject: string; sequence: number }
        return `${topic}/${subject}/${sequence}`
      }),
  }
}
