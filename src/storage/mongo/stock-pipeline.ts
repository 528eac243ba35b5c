import type { Document } from 'mongodb'
import { partitionOf } from '../../kernel/partition.ts'
import {
  DEFAULT_LOW_STOCK_THRESHOLD,
  emptyLevel,
  moved,
  type StockKey,
  type StockOperation,
  stockEvent,
} from '../stock.ts'
import type { StockChange } from '../stock-event.ts'
import { appended, type Expression, fieldOr, literal, literals, without } from './expressions.ts'
import { NO_VERSION, type StockBounds } from './stock-documents.ts'

export type Holding = Extract<StockOperation, { kind: 'reserve' | 'release' | 'commit' }>
export type Referring = Extract<StockOperation, { ref: string }>

const BALANCES = ['received', 'adjusted', 'available', 'reserved', 'sold'] as const
const THRESHOLD = fieldOr('low_stock_threshold', DEFAULT_LOW_STOCK_THRESHOLD)
const VERSION = fieldOr('version', NO_VERSION)
const SEQUENCE = fieldOr('sequence', 0)
const OPEN = fieldOr('open', 0)

/** Every field as it is, or as it begins where there is no document. */
function unchanged({ product_id, sku }: StockKey): Document {
  return {
    product_id: literal(product_id),
    sku: literal(sku),
    ...Object.fromEntries(BALANCES.map((field) => [field, fieldOr(field, 0)])),
    low_stock_threshold: THRESHOLD,
    frozen: fieldOr('frozen', false),
    version: VERSION,
    sequence: SEQUENCE,
    open: OPEN,
    res: fieldOr('res', []),
    done: fieldOr('done', []),
    refs: fieldOr('refs', []),
  }
}

/** New balances, the next sequence and the event that tells of it; what they come to is computed on the server. */
function told(operation: StockOperation): Document {
  const none = emptyLevel(operation)
  const after = moved(none, operation)
  const balances = Object.fromEntries(
    BALANCES.map((field) => [field, plus(fieldOr(field, 0), after[field] - none[field])]),
  ) as Record<(typeof BALANCES)[number], Expression>
  const low_stock_threshold = 'low_stock_threshold' in operation ? operation.low_stock_threshold : THRESHOLD
  const sequence = plus(SEQUENCE, 1)
  const figures: Partial<Record<keyof StockChange, Expression>> = {
    ...balances,
    available_before: fieldOr('available', 0),
    on_hand: { $add: [balances.available, balances.reserved] },
    low_stock_threshold,
    low: { $lt: [balances.available, low_stock_threshold] },
    low_before: { $and: [{ $gt: [VERSION, NO_VERSION] }, { $lt: [fieldOr('available', 0), THRESHOLD] }] },
  }
  // Names, order and constant values of the event's fields come from the same function as on every engine.
  const { topic, ...attributes } = stockEvent(operation, none, after)
  const event = {
    ...literals(attributes),
    data: { ...literals(attributes.data), ...figures },
    sequence,
  }
  const changed = BALANCES.filter((field) => after[field] !== none[field])
  return {
    ...Object.fromEntries(changed.map((field) => [field, balances[field]])),
    ...('low_stock_threshold' in operation && { low_stock_threshold }),
    version: plus(VERSION, 1),
    sequence,
    _outbox: appended('_outbox', { topic: literal(topic), at: operation.at, event }),
    _pending: partitionOf(operation.product_id),
  }
}

/** Takes pieces for an order. */
export function take(operation: Holding): Document[] {
  const { order_id, quantity, at, event_id } = operation
  const entry = { o: literal(order_id), q: quantity, at, e: literal(event_id) }
  return [{ $set: { ...told(operation), open: plus(OPEN, 1), res: appended('res', entry) } }]
}

/** Gives an order's pieces back or counts them as sold. */
export function settle(operation: Holding, bounds: StockBounds): Document[] {
  const settled = {
    open: plus(OPEN, -1),
    res: without('res', 'o', [operation.order_id]),
    ...buried(operation, bounds, { e: literal(operation.event_id) }),
  }
  return [{ $set: { ...told(operation), ...settled } }]
}

/** A tombstone alone: tells no one. */
export function bury(operation: Holding, bounds: StockBounds): Document[] {
  return [{ $set: { ...unchanged(operation), ...buried(operation, bounds) } }]
}

/** A change that its ref lets count once; it may make the document. */
export function change(operation: Referring): Document[] {
  const { create = false } = operation as { create?: boolean }
  return [{ $set: { ...(create && unchanged(operation)), ...told(operation), ...referred(operation) } }]
}

/** A sum of zero: its ref is kept, and that is all. */
export function note(operation: Referring): Document[] {
  return [{ $set: referred(operation) }]
}

function buried({ order_id, at }: Holding, { tombstones }: StockBounds, mark?: Document): Document {
  const done = appended('done', { o: literal(order_id), at, ...mark })
  return { done: { $slice: [done, -tombstones] }, oldest: { $min: ['$oldest', at] } }
}

function referred({ ref, at, event_id }: Referring): Document {
  const entry = { ref: literal(ref), at, e: literal(event_id) }
  return { refs: appended('refs', entry), oldest: { $min: ['$oldest', at] } }
}

function plus(value: Expression, change: number): Expression {
  return change === 0 ? value : { $add: [value, change] }
}
