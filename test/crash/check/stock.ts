import type { EventFact, Facts, OrderFact, StockFact } from './facts.ts'
import { grouped } from './grouped.ts'

/** I1 to I6 and the stock's part of I20: pieces are neither made nor lost, and none is promised twice. */
export function stockViolations(facts: Facts): string[] {
  const violations: string[] = []
  const orders = new Map(facts.orders.map((order) => [order.id, order]))
  const reservations = grouped(facts.reservations, ({ product_id, sku }) => `${product_id}/${sku}`)
  const events = grouped(
    facts.records.filter(({ type }) => type === 'stock_changed'),
    ({ subject }) => subject,
  )
  const sold = soldBySku(facts.orders)
  for (const row of facts.stock) {
    const key = `${row.product_id}/${row.sku}`
    const own = reservations.get(key) ?? []
    violations.push(
      ...balanceViolations(key, row, own),
      ...own.flatMap((reservation) =>
        reservationViolations(key, reservation, orders.get(reservation.order_id)),
      ),
      ...prefixViolations(key, row, events.get(`stock/${key}`) ?? []),
    )
    if (row.sold !== (sold.get(key) ?? 0))
      violations.push(`I5: ${key} says ${row.sold} sold, orders say ${sold.get(key) ?? 0}`)
    if ((sold.get(key) ?? 0) > row.received + row.adjusted) violations.push(`I6: ${key} is oversold`)
  }
  violations.push(...facts.orders.flatMap((order) => heldViolations(order, reservations)))
  violations.push(...facts.orders.flatMap(returnViolations))
  for (const key of sold.keys()) {
    if (!facts.stock.some(({ product_id, sku }) => `${product_id}/${sku}` === key))
      violations.push(`I5: ${key} was sold and has no stock row`)
  }
  return violations
}

function balanceViolations(key: string, row: StockFact, own: Facts['reservations']): string[] {
  const violations: string[] = []
  if (row.available + row.reserved + row.sold !== row.received + row.adjusted) {
    violations.push(
      `I1: ${key}: ${row.available} + ${row.reserved} + ${row.sold} is not ${row.received} + ${row.adjusted}`,
    )
  }
  if (row.available < 0 || row.reserved < 0 || row.sold < 0)
    violations.push(`I2: ${key} has a negative balance`)
  const sum = own.reduce((total, { quantity }) => total + quantity, 0)
  if (sum !== row.reserved)
    violations.push(`I3: ${key} says ${row.reserved} reserved, its reservations say ${sum}`)
  if (row.frozen) violations.push(`I1: ${key} was frozen by the audit`)
  return violations
}

/** Steps at which an order holds all that it ordered. */
const HOLDING = new Set(['RESERVED', 'AUTHORIZING'])

/** The other way round of I4: what waits to be paid is still there for whoever pays. */
function heldViolations(order: OrderFact, reservations: Map<string, Facts['reservations']>): string[] {
  if (!HOLDING.has(order.step)) return []
  return order.lines
    .map(({ product_id, sku }) => `${product_id}/${sku}`)
    .filter((key) => !reservations.get(key)?.some(({ order_id }) => order_id === order.id))
    .map((key) => `I4: ${order.id} is ${order.step} and holds nothing of ${key}`)
}

/** The order's part of I5: nothing comes back that was not sold, and at rest what was to be sold again is. */
function returnViolations({ id, lines, returns = [] }: OrderFact): string[] {
  const violations: string[] = []
  for (const { product_id, sku, quantity } of lines) {
    const back = returns
      .filter(({ state }) => state !== 'rejected')
      .flatMap((one) => one.lines)
      .filter((line) => line.product_id === product_id && line.sku === sku)
      .reduce((sum, line) => sum + line.quantity, 0)
    if (back > quantity) violations.push(`I5: of ${quantity} of ${sku} in ${id} ${back} are in returns`)
  }
  for (const one of returns) if (one.restock === 'due') violations.push(`I28: ${one.id} of ${id} lies about`)
  return violations
}

const SETTLED = new Set(['COMMITTED', 'CANCELLED', 'REVERSED'])

function reservationViolations(
  key: string,
  reservation: Facts['reservations'][number],
  order: OrderFact | undefined,
): string[] {
  if (!order) return [`I4: ${key} is reserved for ${reservation.order_id}, which does not exist`]
  if (SETTLED.has(order.step)) return [`I4: ${key} is reserved for ${order.id}, which is ${order.step}`]
  const ordered = order.lines
    .filter(({ product_id, sku }) => `${product_id}/${sku}` === key)
    .reduce((total, { quantity }) => total + quantity, 0)
  return ordered === reservation.quantity
    ? []
    : [`I4: ${order.id} reserved ${reservation.quantity} of ${key} and ordered ${ordered}`]
}

/** Replays the events of a stock row: every prefix must hold, and the last one must be the row. */
function prefixViolations(key: string, row: StockFact, events: readonly EventFact[]): string[] {
  const violations: string[] = []
  for (const { sequence, data } of events) {
    if (data.available < 0 || data.reserved < 0 || data.sold < 0)
      violations.push(`I2: ${key} was negative at event ${sequence}`)
    if (data.sold + data.reserved > data.received + data.adjusted)
      violations.push(`I6: ${key} was oversold at event ${sequence}`)
    if (data.available + data.reserved + data.sold !== data.received + data.adjusted)
      violations.push(`I1: ${key} did not add up at event ${sequence}`)
  }
  const last = events.at(-1)?.data
  const differs = (['received', 'adjusted', 'available', 'reserved', 'sold'] as const).filter(
    (field) => last?.[field] !== row[field],
  )
  if (differs.length > 0) violations.push(`I20: ${key} differs from its last event in ${differs.join(', ')}`)
  return violations
}

/** Orders of another shop were not sold from this stock, and what comes back of them was not either. */
function soldBySku(orders: readonly OrderFact[]): Map<string, number> {
  const sold = new Map<string, number>()
  const count = (line: { product_id: string; sku: string }, pieces: number) => {
    const key = `${line.product_id}/${line.sku}`
    sold.set(key, (sold.get(key) ?? 0) + pieces)
  }
  for (const { lines, returns = [], step, external_id } of orders) {
    if (step !== 'COMMITTED' || external_id !== undefined) continue
    for (const line of lines) count(line, line.quantity)
    for (const line of returns.flatMap((one) => one.lines)) count(line, -(line.restocked ?? 0))
  }
  return sold
}
