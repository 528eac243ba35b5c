import type { Document } from 'mongodb'
import type { StockOperation, StockVerdict } from '../stock.ts'
import { unavailable } from './errors.ts'
import { among, fieldOr } from './expressions.ts'
import {
  LEVEL_PROJECTION,
  NO_VERSION,
  type StockBounds,
  type StockDocument,
  toLevel,
} from './stock-documents.ts'
import type { Holding, Referring } from './stock-pipeline.ts'

/** A document after some operations were sent: its level, and their marks alone. */
export interface Reading extends StockDocument {
  waiting: number
  remembered: number
}

/** `again`: nothing stands against it by now, so it is sent once more. `busy`: it has to wait until something is moved away. */
export type Judgement = StockVerdict | 'again' | 'busy'

/** Reads the marks of these operations, however many others there are. */
export function marksOf(operations: readonly StockOperation[]): Document {
  const orders = operations.flatMap((one) => ('order_id' in one ? [one.order_id] : []))
  const refs = operations.flatMap((one) => ('ref' in one ? [one.ref] : []))
  return {
    ...LEVEL_PROJECTION,
    _id: 1,
    open: 1,
    res: among('res', 'o', orders),
    done: among('done', 'o', orders),
    refs: among('refs', 'ref', refs),
    waiting: { $size: fieldOr('_outbox', []) },
    remembered: { $size: fieldOr('refs', []) },
  }
}

/**
 * Tells what became of an operation that was sent from its document alone. So a lost answer, a repeat by the driver and a
 * repeat by the caller all come to the same, and a level holds the operation it answers.
 */
export function createJudge(bounds: StockBounds) {
  function reserved(operation: Holding, reading: Reading): Judgement {
    const held = holding(operation, reading)
    if (held?.e === operation.event_id) return { result: 'done', level: toLevel(reading) }
    if (reading.frozen) return { result: 'frozen' }
    if (held) return { result: 'already', level: toLevel(reading) }
    if (tombstone(operation, reading)) return { result: 'settled' }
    if (reading.available < operation.quantity) return { result: 'short', available: reading.available }
    return reading.open >= bounds.open_reservations ? { result: 'full' } : open(reading)
  }

  function settled(operation: Holding, reading: Reading): Judgement {
    const mark = tombstone(operation, reading)
    if (mark?.e === operation.event_id) return { result: 'done', level: toLevel(reading) }
    if (reading.frozen) return { result: 'frozen' }
    if (holding(operation, reading)) return open(reading)
    // Nothing to give back; only a release leaves its tombstone all the same.
    return mark || operation.kind === 'commit' ? { result: 'already', level: toLevel(reading) } : 'again'
  }

  function changed(operation: Referring, reading: Reading): Judgement {
    const mark = reading.refs.find(({ ref }) => ref === operation.ref)
    if (mark?.e === operation.event_id) return { result: 'done', level: toLevel(reading) }
    if (reading.frozen) return { result: 'frozen' }
    if (mark) return { result: 'already', level: toLevel(reading) }
    if (operation.kind === 'restock' && reading.sold < operation.quantity)
      return { result: 'short', available: reading.sold }
    if (operation.kind === 'adjust' && reading.available + operation.delta < 0)
      return { result: 'short', available: reading.available }
    if (reading.remembered >= bounds.refs)
      throw unavailable(
        `${operation.product_id}/${operation.sku} remembers ${reading.remembered} changes of its stock and takes no more before the oldest are forgotten, 8 days after they were made. Change it less often.`,
      )
    return open(reading)
  }

  function open(reading: Reading): Judgement {
    return reading.waiting >= bounds.events ? 'busy' : 'again'
  }

  return function judge(operation: StockOperation, reading: Reading | undefined): Judgement {
    if (!reading || reading.version === NO_VERSION) return withoutDocument(operation, reading)
    switch (operation.kind) {
      case 'reserve':
        return reserved(operation, reading)
      case 'release':
      case 'commit':
        return settled(operation, reading)
      default:
        return changed(operation, reading)
    }
  }
}

function withoutDocument(operation: StockOperation, reading: Reading | undefined): Judgement {
  switch (operation.kind) {
    case 'reserve':
      return tombstone(operation, reading) ? { result: 'settled' } : { result: 'short', available: 0 }
    case 'release':
      return tombstone(operation, reading) ? { result: 'missing' } : 'again'
    case 'adjust':
    case 'threshold':
      if (!operation.create) return { result: 'missing' }
      return 'delta' in operation && operation.delta < 0 ? { result: 'short', available: 0 } : 'again'
    default:
      return { result: 'missing' }
  }
}

/** The order's open reservation. That it holds another quantity is a mistake of the caller. */
function holding(operation: Holding, reading: Reading) {
  const held = reading.res.find(({ o }) => o === operation.order_id)
  if (held && held.q !== operation.quantity)
    throw new Error(`${operation.order_id} holds ${held.q} of ${reading._id}, not ${operation.quantity}`)
  return held
}

function tombstone(operation: Holding, reading: Reading | undefined) {
  return reading?.done.find(({ o }) => o === operation.order_id)
}
