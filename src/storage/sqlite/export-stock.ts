import type { ExportedStock } from '../exported.ts'
import type { StockKey } from '../stock.ts'
import type { ReaderContext } from './part.ts'
import { toLevel } from './stock-apply.ts'
import { LEVEL_COLUMNS } from './stock-tables.ts'

/** Pages through stock by product and SKU. */
export function stockExport(prepare: ReaderContext['prepare']) {
  const behind = '(product_id, sku) > (:product_id, :sku) ORDER BY product_id, sku LIMIT :limit'
  const keys = prepare(`SELECT product_id, sku FROM (
      SELECT * FROM (SELECT product_id, sku FROM stock WHERE ${behind})
      UNION SELECT * FROM (SELECT DISTINCT product_id, sku FROM stock_settled WHERE ${behind}))
    ORDER BY product_id, sku LIMIT :limit`)
  const own = 'WHERE product_id = ? AND sku = ?'
  const level = prepare(`SELECT ${LEVEL_COLUMNS}, sequence FROM stock ${own}`)
  const reserved = prepare(
    `SELECT order_id, quantity, at FROM stock_reservations ${own} ORDER BY at, order_id`,
  )
  const settled = prepare(`SELECT order_id, at FROM stock_settled ${own} ORDER BY at, order_id`)
  const refs = prepare(`SELECT ref, at FROM stock_refs ${own} ORDER BY at, ref`)

  const rows = <Row>(found: object[]) => found.map((row) => ({ ...row }) as Row)

  return (after: StockKey | null, limit: number): ExportedStock[] =>
    keys
      .all({ product_id: after?.product_id ?? '', sku: after?.sku ?? '', limit })
      .map(({ product_id, sku }) => {
        const key = [product_id as string, sku as string] as const
        const row = level.get(...key)
        return {
          product_id: key[0],
          sku: key[1],
          level: row ? toLevel(row) : null,
          sequence: row ? (row.sequence as number) : 0,
          reserved: rows(reserved.all(...key)),
          settled: rows(settled.all(...key)),
          refs: rows(refs.all(...key)),
        }
      })
}
