import type { Document, UpdateOneModel } from 'mongodb'
import type { StockOperation } from '../stock.ts'
import { NO_VERSION, REAL, type StockBounds, type StockDocument, stockId } from './stock-documents.ts'
import { bury, change, type Holding, note, type Referring, settle, take } from './stock-pipeline.ts'

/** What an operation's document was last seen to be, undefined before it was looked at. */
export type Seen = { there: boolean; held: boolean } | undefined

/**
 * Makes an operation one conditional update: its filter holds the whole decision, so it may be sent by anyone at any time.
 * An upsert whose document is there, but not as the filter wants it, fails by its id, which says the same as no match.
 */
export function createStockUpdates(bounds: StockBounds) {
  const roomForEvent = hasRoom('_outbox', bounds.events)
  const roomForRef = hasRoom('refs', bounds.refs)

  function reserving(operation: Holding): UpdateOneModel<StockDocument> {
    const { order_id, quantity } = operation
    const filter = {
      ...REAL,
      available: { $gte: quantity },
      open: { $lt: bounds.open_reservations },
      'res.o': { $ne: order_id },
      'done.o': { $ne: order_id },
      ...roomForEvent,
    }
    return model(operation, filter, { update: take(operation) })
  }

  function settling(operation: Holding): UpdateOneModel<StockDocument> {
    const { order_id, quantity } = operation
    const filter = { ...REAL, res: { $elemMatch: { o: order_id, q: quantity } }, ...roomForEvent }
    return model(operation, filter, { update: settle(operation, bounds) })
  }

  function burying(operation: Holding): UpdateOneModel<StockDocument> {
    const { order_id } = operation
    const filter = { 'res.o': { $ne: order_id }, 'done.o': { $ne: order_id } }
    return model(operation, filter, { update: bury(operation, bounds), upsert: true })
  }

  function changing(operation: Referring, seen: Seen): UpdateOneModel<StockDocument> {
    const once = { 'refs.ref': { $ne: operation.ref }, ...roomForRef }
    const makes = 'create' in operation && operation.create
    if (operation.kind === 'adjust' && operation.delta === 0) {
      // Of a document that is there nothing changes; where there is none, the document itself is the news.
      return makes && !seen?.there
        ? model(operation, { version: NO_VERSION, ...once }, { update: change(operation), upsert: true })
        : model(operation, { ...REAL, ...once }, { update: note(operation) })
    }
    const filter = { ...(makes ? {} : REAL), ...once, ...enough(operation), ...roomForEvent }
    const upsert = makes && !(operation.kind === 'adjust' && operation.delta < 0)
    return model(operation, filter, { update: change(operation), upsert })
  }

  return function updateOf(operation: StockOperation, seen: Seen): UpdateOneModel<StockDocument> {
    switch (operation.kind) {
      case 'reserve':
        return reserving(operation)
      case 'release':
        return seen && !seen.held ? burying(operation) : settling(operation)
      case 'commit':
        return settling(operation)
      default:
        return changing(operation, seen)
    }
  }
}

function hasRoom(field: string, bound: number): Document {
  return { [`${field}.${bound - 1}`]: { $exists: false } }
}

function enough(operation: Referring): Document {
  if (operation.kind === 'restock') return { sold: { $gte: operation.quantity } }
  return operation.kind === 'adjust' && operation.delta < 0 ? { available: { $gte: -operation.delta } } : {}
}

function model(
  operation: StockOperation,
  decision: Document,
  change: { update: Document[]; upsert?: boolean },
): UpdateOneModel<StockDocument> {
  return { filter: { _id: stockId(operation), frozen: { $ne: true }, ...decision }, ...change }
}
