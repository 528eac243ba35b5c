import { sequenced } from '../../kernel/event.ts'
import {
  emptyLevel,
  MAX_OPEN_RESERVATIONS,
  moved,
  type StockKey,
  type StockLevel,
  type StockOperation,
  type StockVerdict,
  stockEvent,
} from '../stock.ts'
import type { WriterContext } from './part.ts'
import { LEVEL_COLUMNS } from './stock-tables.ts'

/** What the writer looks at before it judges one operation. */
interface Reading {
  level: StockLevel | null
  sequence: number
  open: number
  /** Quantity that the order has reserved, null when it has none. */
  held: number | null
  settled: boolean
  applied: boolean
}

/** Judges and applies stock operations inside the writer's transaction. */
export function createStockApplier(context: WriterContext) {
  const statements = prepareStatements(context)

  function apply(operation: StockOperation): StockVerdict {
    const reading = read(operation)
    const level = reading.level ?? newLevel(operation)
    if (level === null) return withoutDocument(operation, reading)
    if (level.frozen) return { result: 'frozen' }
    switch (operation.kind) {
      case 'reserve':
        return reserve(operation, level, reading)
      case 'release':
      case 'commit':
        return settle(operation, level, reading)
      case 'restock':
        if (reading.applied) return { result: 'already', level }
        if (level.sold < operation.quantity) return { result: 'short', available: level.sold }
        return changeOnce(operation, level, reading)
      case 'adjust':
        if (reading.applied) return { result: 'already', level }
        if (level.available + operation.delta < 0) return { result: 'short', available: level.available }
        return changeOnce(operation, level, reading)
      case 'threshold':
        return reading.applied ? { result: 'already', level } : changeOnce(operation, level, reading)
    }
  }

  function read(operation: StockOperation): Reading {
    const { product_id, sku } = operation
    const order_id = 'order_id' in operation ? operation.order_id : ''
    const ref = 'ref' in operation ? operation.ref : ''
    const facts = statements.facts.get({ product_id, sku, order_id, ref })!
    const row = statements.level.get(product_id, sku)
    return {
      level: row ? toLevel(row) : null,
      sequence: row ? Number(row.sequence) : 0,
      open: row ? Number(row.open) : 0,
      held: facts.held === null ? null : Number(facts.held),
      settled: facts.settled === 1,
      applied: facts.applied === 1,
    }
  }

  function withoutDocument(operation: StockOperation, reading: Reading): StockVerdict {
    if (operation.kind === 'reserve') {
      return reading.settled ? { result: 'settled' } : { result: 'short', available: 0 }
    }
    if (operation.kind === 'release' && !reading.settled) leaveTombstone(operation)
    return { result: 'missing' }
  }

  function reserve(operation: Holding, level: StockLevel, reading: Reading): StockVerdict {
    if (reading.held !== null) {
      assertHeld(operation, reading.held)
      return { result: 'already', level }
    }
    if (reading.settled) return { result: 'settled' }
    if (level.available < operation.quantity) return { result: 'short', available: level.available }
    if (reading.open >= MAX_OPEN_RESERVATIONS) return { result: 'full' }
    const { product_id, sku, order_id, quantity, at } = operation
    statements.hold.run(product_id, sku, order_id, quantity, at)
    return change(operation, level, { ...reading, open: reading.open + 1 })
  }

  function settle(operation: Holding, level: StockLevel, reading: Reading): StockVerdict {
    if (reading.held === null) {
      // Nothing to give back now; the tombstone refuses a reserve that is still on its way.
      if (operation.kind === 'release' && !reading.settled) leaveTombstone(operation)
      return { result: 'already', level }
    }
    assertHeld(operation, reading.held)
    statements.unhold.run(operation.product_id, operation.sku, operation.order_id)
    leaveTombstone(operation)
    return change(operation, level, { ...reading, open: reading.open - 1 })
  }

  function leaveTombstone({ product_id, sku, order_id, at }: Holding): void {
    statements.tombstone.run(product_id, sku, order_id, at)
  }

  function changeOnce(operation: Referring, level: StockLevel, reading: Reading): StockVerdict {
    statements.ref.run(operation.product_id, operation.sku, operation.ref, operation.at)
    const idle = 'delta' in operation && operation.delta === 0
    if (idle && reading.level) return { result: 'done', level }
    return change(operation, level, reading)
  }

  function change(operation: StockOperation, level: StockLevel, reading: Reading): StockVerdict {
    const after = moved(level, operation)
    const sequence = reading.sequence + 1
    const { product_id, sku, received, adjusted, available, reserved, sold, low_stock_threshold, version } =
      after
    const balances = [received, adjusted, available, reserved, sold, low_stock_threshold]
    const counters = [version, sequence, reading.open]
    if (reading.level) statements.update.run(...balances, ...counters, product_id, sku)
    else statements.insert.run(product_id, sku, ...balances, ...counters)
    context.tell(sequenced(stockEvent(operation, reading.level, after), sequence))
    return { result: 'done', level: after }
  }

  return apply
}

type Holding = Extract<StockOperation, { kind: 'reserve' | 'release' | 'commit' }>
type Referring = Extract<StockOperation, { ref: string }>

function newLevel(operation: StockOperation): StockLevel | null {
  return 'create' in operation && operation.create ? emptyLevel(operation) : null
}

function assertHeld(operation: Holding & StockKey, held: number): void {
  if (held === operation.quantity) return
  throw new Error(
    `${operation.order_id} holds ${held} of ${operation.product_id}/${operation.sku}, not ${operation.quantity}`,
  )
}

/** A stock level as the port has it from a row of the table. */
export function toLevel(row: Record<string, unknown>): StockLevel {
  return {
    product_id: row.product_id as string,
    sku: row.sku as string,
    received: row.received as number,
    adjusted: row.adjusted as number,
    available: row.available as number,
    reserved: row.reserved as number,
    sold: row.sold as number,
    low_stock_threshold: row.low_stock_threshold as number,
    frozen: row.frozen === 1,
    version: row.version as number,
  }
}

function prepareStatements({ prepare }: WriterContext) {
  const own = 'product_id = :product_id AND sku = :sku'
  return {
    level: prepare(`SELECT ${LEVEL_COLUMNS}, sequence, open FROM stock WHERE product_id = ? AND sku = ?`),
    facts: prepare(`SELECT
      (SELECT quantity FROM stock_reservations WHERE ${own} AND order_id = :order_id) AS held,
      EXISTS (SELECT 1 FROM stock_settled WHERE ${own} AND order_id = :order_id) AS settled,
      EXISTS (SELECT 1 FROM stock_refs WHERE ${own} AND ref = :ref) AS applied`),
    insert: prepare(`INSERT INTO stock (product_id, sku, received, adjusted, available, reserved, sold,
      low_stock_threshold, version, sequence, open, frozen) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)`),
    update: prepare(`UPDATE stock SET received = ?, adjusted = ?, available = ?, reserved = ?, sold = ?,
      low_stock_threshold = ?, version = ?, sequence = ?, open = ? WHERE product_id = ? AND sku = ?`),
    hold: prepare(
      'INSERT INTO stock_reservations (product_id, sku, order_id, quantity, at) VALUES (?, ?, ?, ?, ?)',
    ),
    unhold: prepare('DELETE FROM stock_reservations WHERE product_id = ? AND sku = ? AND order_id = ?'),
    tombstone: prepare(
      'INSERT OR IGNORE INTO stock_settled (product_id, sku, order_id, at) VALUES (?, ?, ?, ?)',
    ),
    ref: prepare('INSERT INTO stock_refs (product_id, sku, ref, at) VALUES (?, ?, ?, ?)'),
  }
}
