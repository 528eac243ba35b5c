import { StartRefused } from '../../kernel/start-refused.ts'
import type { ExportedStock } from '../exported.ts'
import { emptyLevel, type StockKey } from '../stock.ts'
import { NO_VERSION, STOCK_BOUNDS, type StockDocument, stockId, toLevel } from './stock-documents.ts'

/** Who wrote an entry does not come along: a repeat finds that it was applied. */
const NO_EVENT = ''

/**
 * What one document can hold of the stock. The oldest tombstones give way, as they do here with every change; throws
 * `StartRefused` when more adjustments are remembered than fit, because a forgotten one could be applied twice.
 */
export function boundedStock(stock: ExportedStock): ExportedStock {
  const { product_id, sku, settled, refs } = stock
  if (refs.length > STOCK_BOUNDS.refs)
    throw new StartRefused(
      `${product_id}/${sku} remembers ${refs.length} adjustments and returns, and MongoDB takes ${STOCK_BOUNDS.refs} of one SKU. They are forgotten after 8 days: start the old shop, and move it when there were fewer.`,
    )
  if (settled.length <= STOCK_BOUNDS.tombstones) return stock
  const newest = settled.toSorted((a, b) => a.at - b.at).slice(-STOCK_BOUNDS.tombstones)
  const kept = new Set(newest)
  return { ...stock, settled: settled.filter((one) => kept.has(one)) }
}

/** A stock document as this engine keeps it. */
export function toStockDocument(stock: ExportedStock): StockDocument {
  const { product_id, sku, level, sequence, reserved, settled, refs } = stock
  const times = [...settled, ...refs].map(({ at }) => at)
  return {
    ...(level ?? { ...emptyLevel({ product_id, sku }), version: NO_VERSION }),
    _id: stockId({ product_id, sku }),
    sequence,
    open: reserved.length,
    res: reserved.map(({ order_id, quantity, at }) => ({ o: order_id, q: quantity, at, e: NO_EVENT })),
    done: settled.map(({ order_id, at }) => ({ o: order_id, at })),
    refs: refs.map(({ ref, at }) => ({ ref, at, e: NO_EVENT })),
    ...(times.length > 0 && { oldest: times.reduce((least, at) => Math.min(least, at)) }),
  }
}

/** The same read back, to be compared. */
export function fromStockDocument(document: StockDocument): ExportedStock {
  const { product_id, sku, version, sequence, res, done, refs } = document
  const key: StockKey = { product_id, sku }
  return {
    ...key,
    level: version === NO_VERSION ? null : toLevel(document),
    sequence,
    reserved: res.map(({ o, q, at }) => ({ order_id: o, quantity: q, at })),
    settled: done.map(({ o, at }) => ({ order_id: o, at })),
    refs: refs.map(({ ref, at }) => ({ ref, at })),
  }
}
