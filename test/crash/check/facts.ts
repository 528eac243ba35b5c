import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/**
 * What lies on disk, read past the product's own code: the checker has its own idea of the files, so that a
 * fault of the product cannot hide itself.
 */
export interface Facts {
  orders: OrderFact[]
  stock: StockFact[]
  reservations: { product_id: string; sku: string; order_id: string; quantity: number }[]
  products: DocumentFact[]
  carts: CartFact[]
  users: DocumentFact[]
  records: EventFact[]
  outbox: number
}

export interface DocumentFact {
  id: string
  version: number
  sequences?: Record<string, number>
}

export interface OrderFact extends DocumentFact {
  user_id: string
  idem?: { key: string }
  cart_claim?: string
  lines: {
    product_id: string
    sku: string
    quantity: number
    unit_price: number
    line_total: number
    product_version: number
  }[]
  subtotal: number
  shipping: number
  tax: number
  discount: number
  total: number
  currency: string
  step: string
  status: string
  placed_at?: string
  history: { step: string; status: string; at: string; by: string }[]
}

export interface CartFact extends DocumentFact {
  lines: unknown[]
}

export interface StockFact {
  product_id: string
  sku: string
  received: number
  adjusted: number
  available: number
  reserved: number
  sold: number
  sequence: number
  frozen: number
}

/** A record of the log with its place. */
export interface EventFact {
  topic: string
  place: number
  offset: number
  id: string
  type: string
  subject: string
  sequence: number
  text: string
  // biome-ignore lint/suspicious/noExplicitAny: the checker looks into data of every type
  data: any
}

const OFFSETS = 2n ** 40n
const PARTITIONS = 12

export function readFacts(directory: string): Facts {
  const db = new DatabaseSync(join(directory, 'shop.db'), { readOnly: true })
  try {
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
      stock: db.prepare('SELECT * FROM stock ORDER BY product_id, sku').all() as unknown as StockFact[],
      reservations: db
        .prepare('SELECT product_id, sku, order_id, quantity FROM stock_reservations')
        .all() as never,
      outbox: Number(db.prepare('SELECT count(*) AS n FROM outbox').get()?.n),
      records: readLog(directory),
    }
  } finally {
    db.close()
  }
}

function readLog(directory: string): EventFact[] {
  const db = new DatabaseSync(join(directory, 'log.db'), { readOnly: true })
  try {
    const topics = new Map(
      db
        .prepare('SELECT id, name FROM topics')
        .all()
        .map(({ id, name }) => [Number(id), String(name)]),
    )
    const batches = db.prepare('SELECT id, events FROM batches ORDER BY id')
    batches.setReadBigInts(true)
    return batches.all().flatMap((row) => {
      const id = row.id as bigint
      const place = Number(id / OFFSETS)
      const base = Number(id % OFFSETS)
      const topic = topics.get(Math.floor(place / PARTITIONS)) ?? `topic ${Math.floor(place / PARTITIONS)}`
      return String(row.events)
        .split('\n')
        .filter(Boolean)
        .map((text, index) => record(text, { topic, place, offset: base + index }))
    })
  } finally {
    db.close()
  }
}

function record(text: string, at: Pick<EventFact, 'topic' | 'place' | 'offset'>): EventFact {
  const { id, type, subject, sequence, data } = JSON.parse(text) as EventFact
  return { ...at, id, type, subject, sequence, data, text }
}
