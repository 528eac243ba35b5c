import { type Db, type Document, MongoClient } from 'mongodb'
import { RESTING_STEPS, type StockFact, type StorageFacts, type StorageReader } from './facts.ts'

const TIMEOUT_MS = 60_000
const BATCH = 1_000

/** Without positions that were blocked for good and hold no event. */
const EVENTS = { range: { $ne: -1 } }

/** An order by card that nobody but its customer can bring on. */
const FOR_CUSTOMER: Document = {
  payment_method: 'card',
  step: { $in: ['RESERVED', 'AUTHORIZING'] },
}

/** What is under way, each with the collection and the filter that find it. */
const UNREST: [what: string, collection: string, filter: Document][] = [
  ['orders under way', 'orders', { step: { $nin: RESTING_STEPS }, $nor: [FOR_CUSTOMER] }],
  ['payments that are not known', 'orders', { 'payment.operations.state': { $in: ['intent', 'unknown'] } }],
  ['carts half merged', 'carts', { merging_into: { $exists: true, $ne: null } }],
  ['products with pending stock', 'products', { 'pending_stock.0': { $exists: true } }],
  ['notices that were not looked at', 'webhook_inbox', { due_at: { $exists: true } }],
  ['events in the outbox', 'outbox', EVENTS],
]
/** Events that have not even left their documents. */
const WAITING = { '_outbox.0': { $exists: true } }

/** Reads a database with the plain driver, as anybody could. */
export function mongoReader(url: string): StorageReader {
  const client = new MongoClient(url, {
    readConcernLevel: 'majority',
    serverSelectionTimeoutMS: TIMEOUT_MS,
    socketTimeoutMS: TIMEOUT_MS,
  })
  return {
    read: () => read(client.db()),
    unrest: () => unrest(client.db()),
    close: () => client.close(),
  }
}

async function read(db: Db): Promise<StorageFacts> {
  const documents = async <T>(collection: string) => {
    const found = await db.collection(collection).find({}, { batchSize: BATCH }).sort({ _id: 1 }).toArray()
    return found.map(({ _id, ...fields }) => ({ ...fields, id: String(_id) }) as T & { id: string })
  }
  const stock = await documents<Omit<StockFact, 'product_id' | 'sku'> & StockArrays>('stock')
  return {
    orders: await documents('orders'),
    products: await documents('products'),
    carts: await documents('carts'),
    users: await documents('users'),
    sessions: await documents('sessions'),
    inbox: await documents('webhook_inbox'),
    mails: await documents('mails'),
    stock: stock.filter(({ sequence }) => sequence > 0).map((row) => ({ ...row, ...placeOf(row.id) })),
    reservations: stock.flatMap(({ id, res }) =>
      (res ?? []).map(({ o, q }) => ({ ...placeOf(id), order_id: o, quantity: q })),
    ),
    outbox: await waiting(db),
  }
}

interface StockArrays {
  res?: { o: string; q: number }[]
}

/** A stock document's id is product and SKU; a SKU may hold a slash, a product's id does not. */
function placeOf(id: string): { product_id: string; sku: string } {
  const slash = id.indexOf('/')
  return { product_id: id.slice(0, slash), sku: id.slice(slash + 1) }
}

/** The events in the collection `outbox` and those that still lie in the documents that they tell of. */
async function waiting(db: Db): Promise<string[]> {
  const found: string[] = []
  for (const { name } of await db.listCollections({}, { nameOnly: true }).toArray()) {
    if (name === 'outbox') {
      for (const entry of await db.collection(name).find(EVENTS).toArray()) found.push(eventOf(entry))
      continue
    }
    const options = { projection: { _outbox: 1 } }
    for (const { _outbox } of await db.collection(name).find(WAITING, options).toArray())
      found.push(...(_outbox as Document[]).map(eventOf))
  }
  return found
}

/** An entry of the outbox has the event's attributes beside it, one in a document has the event itself. */
function eventOf({ topic, event, subject, sequence }: Document): string {
  return `${topic}/${subject ?? event?.subject}/${sequence ?? event?.sequence}`
}

async function unrest(db: Db): Promise<string[]> {
  const open: string[] = []
  for (const [what, collection, filter] of UNREST) {
    const count = await db.collection(collection).countDocuments(filter)
    if (count > 0) open.push(`${count} ${what}`)
  }
  for (const { name } of await db.listCollections({}, { nameOnly: true }).toArray()) {
    const count = name === 'outbox' ? 0 : await db.collection(name).countDocuments(WAITING)
    if (count > 0) open.push(`${count} documents of ${name} with events`)
  }
  return open
}
