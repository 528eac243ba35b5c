import type { Attempt } from '../history.ts'
import type { Facts, OrderFact } from './facts.ts'
import { grouped } from './grouped.ts'

interface OrderAnswer {
  id: string
  user_id: string
  total: { amount: number; currency: string }
  items: {
    product_id: string
    sku: string
    quantity: number
    unit_price: { amount: number }
    line_total: { amount: number }
  }[]
}

const SOLD = new Set(['CONFIRMED', 'CAPTURED', 'COMMITTED'])
const AT_REST = new Set(['COMMITTED', 'CANCELLED', 'REVERSED'])
/** Steps at which an order by card may wait for its customer. */
const WAITING = new Set(['RESERVED', 'AUTHORIZING'])

/** I7 to I10: what clients were told is what lies on disk; what they were not told is all or nothing. */
export function promiseViolations(facts: Facts, attempts: readonly Attempt[]): string[] {
  const byKey = grouped(
    facts.orders.filter(({ idem }) => idem),
    ({ user_id, idem }) => `${user_id} ${idem?.key}`,
  )
  const keys = grouped(
    attempts.filter(({ kind }) => kind === 'order'),
    ({ principal, key }) => `${principal} ${key}`,
  )
  const violations = [...keys].flatMap(([key, tries]) =>
    keyViolations(key, tries, byKey.get(key) ?? [], facts),
  )
  return [...violations, ...cancelViolations(facts, attempts), ...stockPromises(facts, attempts)]
}

function keyViolations(
  key: string,
  tries: readonly Attempt[],
  orders: readonly OrderFact[],
  facts: Facts,
): string[] {
  const violations: string[] = []
  const oks = tries.filter(({ outcome }) => outcome === 'ok')
  const refused = tries.some(({ outcome }) => outcome === 'fail')
  if (orders.length > 1) violations.push(`I8: key ${key} has ${orders.length} orders`)
  if (new Set(oks.map(({ status, text }) => `${status} ${text}`)).size > 1)
    violations.push(`I8: key ${key} was answered differently`)
  const [ok] = oks
  if (ok) violations.push(...acknowledged(key, JSON.parse(ok.text) as OrderAnswer, orders[0]))
  const [order] = orders
  if (refused && ok) violations.push(`I8: key ${key} was both placed and refused`)
  if (refused && order) {
    if (SOLD.has(order.step)) violations.push(`I9: key ${key} was refused, but its order is ${order.step}`)
    if (facts.reservations.some(({ order_id }) => order_id === order.id))
      violations.push(`I9: key ${key} was refused and holds stock`)
  }
  const waits = order?.payment_method === 'card' && WAITING.has(order.step)
  if (!ok && !refused && order && !AT_REST.has(order.step) && !waits)
    violations.push(`I10: key ${key} is unknown and its order is ${order.step}`)
  return violations
}

/** I7: the acknowledged order is there, with equal lines, prices, total and owner. */
function acknowledged(key: string, answer: OrderAnswer, order: OrderFact | undefined): string[] {
  if (!order) return [`I7: the acknowledged order ${answer.id} (key ${key}) is gone`]
  const told = answer.items.map((item) => [
    item.product_id,
    item.sku,
    item.quantity,
    item.unit_price.amount,
    item.line_total.amount,
  ])
  const kept = order.lines.map((line) => [
    line.product_id,
    line.sku,
    line.quantity,
    line.unit_price,
    line.line_total,
  ])
  const same =
    answer.id === order.id &&
    answer.user_id === order.user_id &&
    answer.total.amount === order.total &&
    answer.total.currency === order.currency &&
    JSON.stringify(told) === JSON.stringify(kept)
  return same ? [] : [`I7: the order ${order.id} differs from what was acknowledged`]
}

function cancelViolations(facts: Facts, attempts: readonly Attempt[]): string[] {
  const orders = new Map(facts.orders.map((order) => [order.id, order]))
  return attempts
    .filter(({ kind, outcome }) => kind === 'cancel' && outcome === 'ok')
    .map(({ request }) => orders.get((request as { id: string }).id))
    .flatMap((order) =>
      order && order.status === 'cancelled'
        ? []
        : [`I7: ${order?.id ?? 'an order'} was cancelled with an answer and is ${order?.status}`],
    )
}

/** Goods received count once per key: every acknowledged delivery, and an unknown one at most once. */
function stockPromises(facts: Facts, attempts: readonly Attempt[]): string[] {
  const keys = grouped(
    attempts.filter(({ kind }) => kind === 'stock'),
    ({ key }) => key,
  )
  const bounds = new Map<string, { least: number; most: number }>()
  for (const [first, ...more] of keys.values()) {
    const { id, sku, delta } = first!.request as { id: string; sku: string; delta: number }
    const bound = bounds.get(`${id}/${sku}`) ?? { least: 0, most: 0 }
    const outcomes = [first!, ...more].map(({ outcome }) => outcome)
    if (outcomes.includes('ok')) bound.least += delta
    if (!outcomes.includes('fail')) bound.most += delta
    bounds.set(`${id}/${sku}`, bound)
  }
  const initial = initialStock(facts)
  return facts.stock.flatMap((row) => {
    const key = `${row.product_id}/${row.sku}`
    const { least, most } = bounds.get(key) ?? { least: 0, most: 0 }
    const came = row.received + row.adjusted - (initial.get(key) ?? 0)
    return came >= least && came <= most
      ? []
      : [`I7: ${key} got ${came} pieces, clients were told of ${least} to ${most}`]
  })
}

function initialStock(facts: Facts): Map<string, number> {
  const initial = new Map<string, number>()
  for (const { data, type } of facts.records) {
    if (type !== 'stock_changed' || data.reason_code !== 'initial') continue
    const key = `${data.product_id}/${data.sku}`
    initial.set(key, (initial.get(key) ?? 0) + data.quantity)
  }
  return initial
}
