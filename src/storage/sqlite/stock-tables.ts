/**
 * A stock row and, beside it, its open reservations, the tombstones of settled orders and the refs that were
 * applied: rows and not lists inside the stock row, so that a sale costs the same however hot the SKU is.
 * Tombstones have no foreign key: one may be left where there is no stock row yet.
 */
export const STOCK_TABLES = `
CREATE TABLE IF NOT EXISTS stock (
  id INTEGER PRIMARY KEY,
  product_id TEXT NOT NULL,
  sku TEXT NOT NULL,
  received INTEGER NOT NULL,
  adjusted INTEGER NOT NULL,
  available INTEGER NOT NULL,
  reserved INTEGER NOT NULL,
  sold INTEGER NOT NULL,
  low_stock_threshold INTEGER NOT NULL,
  frozen INTEGER NOT NULL,
  version INTEGER NOT NULL,
  sequence INTEGER NOT NULL,
  open INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS stock_key ON stock (product_id, sku);
CREATE TABLE IF NOT EXISTS stock_reservations (
  product_id TEXT NOT NULL,
  sku TEXT NOT NULL,
  order_id TEXT NOT NULL,
  quantity INTEGER NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (product_id, sku, order_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS stock_settled (
  product_id TEXT NOT NULL,
  sku TEXT NOT NULL,
  order_id TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (product_id, sku, order_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS stock_settled_at ON stock_settled (at);
CREATE TABLE IF NOT EXISTS stock_refs (
  product_id TEXT NOT NULL,
  sku TEXT NOT NULL,
  ref TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (product_id, sku, ref)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS stock_refs_at ON stock_refs (at);
`

/** The columns of a stock level, in the order of its fields. */
export const LEVEL_COLUMNS = `product_id, sku, received, adjusted, available, reserved, sold,
  low_stock_threshold, frozen, version`
