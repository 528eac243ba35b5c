import type {
  Reservation,
  StockKey,
  StockLevel,
  StockOperation,
  StockOperations,
  StockVerdict,
} from '../stock.ts'
import type { Engine, Part, ReaderContext, WriterContext } from './part.ts'
import { createStockApplier, toLevel } from './stock-apply.ts'
import { LEVEL_COLUMNS, STOCK_TABLES } from './stock-tables.ts'

/** The stock operations in the writer thread and the reading worker. */
export const stockPart: Part = { schema: STOCK_TABLES, writes, reads }

/** The stock operations as the main thread has them. */
export function createStock(engine: Engine): StockOperations {
  const byKey = engine.prepare(`SELECT ${LEVEL_COLUMNS} FROM stock WHERE product_id = ? AND sku = ?`)
  const byProduct = engine.prepare(`SELECT ${LEVEL_COLUMNS} FROM stock WHERE product_id = ? ORDER BY sku`)
  return {
    async getMany(keys) {
      const levels: StockLevel[] = []
      for (const { product_id, sku } of keys) {
        const row = byKey.get(product_id, sku)
        if (row) levels.push(toLevel(row))
      }
      return levels
    },
    async ofProducts(productIds) {
      return [...new Set(productIds)].sort().flatMap((id) => byProduct.all(id).map(toLevel))
    },
    async apply(operations) {
      return operations.length === 0 ? [] : engine.write<StockVerdict[]>('stock.apply', operations)
    },
    reservations: (after, limit) => engine.read('stock.reservations', { after, limit }),
    audit: (after, limit) => engine.read('stock.audit', { after, limit }),
    freeze: (key) => engine.write('stock.freeze', key),
    forget: (before, limit) => engine.write('stock.forget', { before, limit }),
  }
}

function writes(context: WriterContext) {
  const { prepare } = context
  const apply = createStockApplier(context)
  const freeze = prepare(
    'UPDATE stock SET frozen = 1, version = version + 1 WHERE product_id = ? AND sku = ? AND frozen = 0',
  )
  const forgetSettled = prepareForget(context, 'stock_settled', 'order_id')
  const forgetRefs = prepareForget(context, 'stock_refs', 'ref')
  return {
    'stock.apply': (operations: readonly StockOperation[]) => operations.map(apply),
    'stock.freeze': ({ product_id, sku }: StockKey) => {
      freeze.run(product_id, sku)
    },
    'stock.forget': ({ before, limit }: { before: number; limit: number }) => {
      const settled = Number(forgetSettled.run(before, limit).changes)
      return settled + Number(forgetRefs.run(before, limit - settled).changes)
    },
  }
}

function prepareForget(
  { prepare }: WriterContext,
  table: 'stock_settled' | 'stock_refs',
  last: 'order_id' | 'ref',
) {
  const key = `product_id, sku, ${last}`
  return prepare(`DELETE FROM ${table} WHERE (${key}) IN
    (SELECT ${key} FROM ${table} INDEXED BY ${table}_at WHERE at < ? ORDER BY at LIMIT ?)`)
}

function reads({ prepare }: ReaderContext) {
  const reservations = prepare(`SELECT product_id, sku, order_id, quantity, at FROM stock_reservations
    WHERE (product_id, sku, order_id) > (?, ?, ?) ORDER BY product_id, sku, order_id LIMIT ?`)
  const audit =
    prepare(`SELECT ${LEVEL_COLUMNS}, (SELECT coalesce(sum(r.quantity), 0) FROM stock_reservations r
      WHERE r.product_id = stock.product_id AND r.sku = stock.sku) AS reserved_sum
    FROM stock WHERE (product_id, sku) > (?, ?) ORDER BY product_id, sku LIMIT ?`)
  return {
    'stock.reservations': ({
      after,
      limit,
    }: {
      after: (StockKey & { order_id: string }) | null
      limit: number
    }) =>
      reservations
        .all(after?.product_id ?? '', after?.sku ?? '', after?.order_id ?? '', limit)
        .map(toReservation),
    'stock.audit': ({ after, limit }: { after: StockKey | null; limit: number }) =>
      audit
        .all(after?.product_id ?? '', after?.sku ?? '', limit)
        .map((row) => ({ ...toLevel(row), reserved_sum: row.reserved_sum as number })),
  }
}

function toReservation(row: Record<string, unknown>): Reservation {
  return {
    product_id: row.product_id as string,
    sku: row.sku as string,
    order_id: row.order_id as string,
    quantity: row.quantity as number,
    at: row.at as number,
  }
}
