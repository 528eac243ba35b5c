import type { Db, Document } from 'mongodb'

/** A fault planted into the database of a shop at rest, and taken back again. */
export interface MongoFault {
  name: string
  reported: RegExp
  plant(db: Db): Promise<() => Promise<void>>
}

type Stored = Document & { _id: string }

/** Changes one document that fits; taken back by the document as it was. */
function changed(collection: string, filter: Document, change: (document: Stored) => Stored | null) {
  return async (db: Db) => {
    const documents = db.collection<Stored>(collection)
    const before = await documents.findOne(filter)
    if (!before) throw new Error(`the campaign was too short: no document of ${collection} fits`)
    const after = change(structuredClone(before as Stored))
    await documents.deleteOne({ _id: before._id })
    if (after) await documents.insertOne(after as never)
    return async () => {
      if (after) await documents.deleteOne({ _id: after._id } as never)
      await documents.insertOne(before as never)
    }
  }
}

function added(collection: string, make: (db: Db) => Promise<Stored>) {
  return async (db: Db) => {
    const document = await make(db)
    await db.collection<Stored>(collection).insertOne(document as never)
    return async () => {
      await db.collection<Stored>(collection).deleteOne({ _id: document._id } as never)
    }
  }
}

const reservedForNobody = (stock: Stored): Stored => ({
  ...stock,
  // Beside those of orders that wait to be paid.
  res: [...((stock.res as object[] | undefined) ?? []), { o: 'ord_nobody', q: 1, at: 0, e: 'evt_none' }],
})
const PLACED = { 'idem.key': { $exists: true }, 'result.kind': 'placed' }
const COMMITTED = { step: 'COMMITTED' }
const ORDERS = 'ecommerce-orders'

export const MONGO_FAULTS: MongoFault[] = [
  {
    name: 'an acknowledged order removed',
    reported: /^I7: the acknowledged order .* is gone/,
    plant: changed('orders', PLACED, () => null),
  },
  {
    name: 'a stock unit added',
    reported: /^I1: /,
    plant: changed('stock', {}, (stock) => ({ ...stock, available: stock.available + 1 })),
  },
  {
    name: 'a balance below zero',
    reported: /^I2: /,
    plant: changed('stock', {}, (stock) => ({ ...stock, available: -1 })),
  },
  {
    name: 'a reservation left behind',
    reported: /^I3: /,
    plant: changed('stock', {}, reservedForNobody),
  },
  {
    name: 'a reservation of an order that does not exist',
    reported: /^I4: .* is reserved for ord_nobody/,
    plant: changed('stock', {}, reservedForNobody),
  },
  {
    name: 'a piece sold that nobody ordered',
    reported: /^I5: /,
    plant: changed('stock', {}, (stock) => ({ ...stock, sold: stock.sold + 1 })),
  },
  {
    name: 'a step that the protocol does not know',
    reported: /^I15: /,
    plant: changed('orders', COMMITTED, (order) => ({ ...order, history: order.history.slice(1) })),
  },
  {
    name: 'an event that a document told and the log lacks',
    reported: /^I17: ecommerce-orders orders\/.* told/,
    plant: changed('orders', COMMITTED, (order) => ({
      ...order,
      sequences: { [ORDERS]: order.sequences[ORDERS] + 1 },
    })),
  },
  {
    name: 'an event that no document told',
    reported: /^I18: ecommerce-orders orders\/.* told/,
    plant: changed('orders', COMMITTED, (order) => ({
      ...order,
      sequences: { [ORDERS]: order.sequences[ORDERS] - 1 },
    })),
  },
  {
    name: 'a balance that differs from the last event',
    reported: /^I20: .* differs from its last event in available, sold/,
    plant: changed('stock', { sold: { $gt: 0 } }, (stock) => ({
      ...stock,
      available: stock.available + 1,
      sold: stock.sold - 1,
    })),
  },
  {
    name: 'an event left in the outbox',
    reported: /^I20: 1 events are still in the outbox, first .*orders\/ord_1\/1/,
    plant: added('outbox', async () => ({
      _id: -1 as never,
      topic: ORDERS,
      subject: 'orders/ord_1',
      sequence: 1,
    })),
  },
  {
    name: 'an event left in its document',
    reported: /^I20: 1 events are still in the outbox, first .*orders\/ord_1\/2/,
    plant: changed('orders', COMMITTED, (order) => ({
      ...order,
      _outbox: [{ topic: ORDERS, at: 0, event: { subject: 'orders/ord_1', sequence: 2 } }],
    })),
  },
  {
    name: 'a total off by one',
    reported: /^I22: /,
    plant: changed('orders', COMMITTED, (order) => ({ ...order, total: order.total + 1 })),
  },
  {
    name: 'a cart that was ordered and is still full',
    reported: /^I24: .* was ordered and is still full/,
    plant: fullCart,
  },
]

/** The cart as it was when it was ordered. */
async function fullCart(db: Db): Promise<() => Promise<void>> {
  const claimed = { cart_claim: { $exists: true }, placed_at: { $exists: true } }
  const order = await db.collection<Stored>('orders').findOne(claimed)
  if (!order) throw new Error('the campaign was too short: no cart was ordered')
  const [_id, version] = String(order.cart_claim).split('@') as [string, string]
  const carts = db.collection<Stored>('carts')
  const before = await carts.findOne({ _id })
  const full = { ...before, _id, version: Number(version), lines: [{ sku: 'any' }] }
  await carts.replaceOne({ _id }, full, { upsert: true })
  return async () => {
    await carts.deleteOne({ _id })
    if (before) await carts.insertOne(before as never)
  }
}
