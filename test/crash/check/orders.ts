import type { Facts, OrderFact } from './facts.ts'
import { grouped } from './grouped.ts'

/** The automaton of the protocol, in the checker's own words: cash on delivery, and card. */
const CASH: Record<string, readonly string[]> = {
  '': ['PENDING'],
  PENDING: ['RESERVED', 'CANCELLING'],
  RESERVED: ['CONFIRMED', 'CANCELLING'],
  CONFIRMED: ['CONFIRMED', 'COMMITTED'],
  COMMITTED: ['COMMITTED', 'REVERSING'],
  CANCELLING: ['CANCELLED'],
  REVERSING: ['REVERSED'],
  CANCELLED: [],
  REVERSED: [],
}
const CARD: Record<string, readonly string[]> = {
  ...CASH,
  RESERVED: ['AUTHORIZING', 'CANCELLING'],
  AUTHORIZING: ['CONFIRMED', 'CANCELLING'],
  CONFIRMED: ['CONFIRMED', 'CAPTURED', 'CANCELLING'],
  CAPTURED: ['CAPTURED', 'COMMITTED'],
}

const STATUSES: Record<string, readonly string[]> = {
  '': ['pending'],
  pending: ['confirmed', 'cancelled'],
  confirmed: ['processing', 'cancelled'],
  processing: ['shipped', 'cancelled'],
  shipped: ['delivered'],
  delivered: ['returned'],
  cancelled: [],
  returned: [],
}

/** I15, I22, I24 and the orders' part of I20. */
export function orderViolations(facts: Facts): string[] {
  const prices = pricesByVersion(facts)
  const told = grouped(
    facts.records.filter(({ topic }) => topic === 'ecommerce-orders'),
    ({ subject }) => subject,
  )
  return [
    ...facts.orders.flatMap((order) => [
      ...pathViolations(order),
      ...sumViolations(order, prices),
      ...foldViolations(
        order,
        told.get(`orders/${order.id}`)?.map(({ type, data }) => ({ type, data })) ?? [],
      ),
    ]),
    ...claimViolations(facts),
  ]
}

function pathViolations(order: OrderFact): string[] {
  const steps = order.payment_method === 'card' ? CARD : CASH
  let [step, status] = ['', '']
  for (const entry of order.history) {
    if (!steps[step]?.includes(entry.step))
      return [`I15: ${order.id} went from step ${step || 'nothing'} to ${entry.step}`]
    if (entry.status !== status && !STATUSES[status]?.includes(entry.status))
      return [`I15: ${order.id} went from ${status || 'nothing'} to ${entry.status}`]
    step = entry.step
    status = entry.status
  }
  return step === order.step && status === order.status
    ? []
    : [
        `I15: the history of ${order.id} ends at ${step}/${status}, the order is ${order.step}/${order.status}`,
      ]
}

function sumViolations(order: OrderFact, prices: PriceList): string[] {
  const violations: string[] = []
  const items = order.lines.reduce((sum, { unit_price, quantity }) => sum + unit_price * quantity, 0)
  const total = items + order.shipping + order.tax - order.discount
  if (order.total !== total || !Number.isSafeInteger(order.total))
    violations.push(`I22: ${order.id} has the total ${order.total}, its lines make ${total}`)
  for (const line of order.lines) {
    if (line.line_total !== line.unit_price * line.quantity)
      violations.push(`I22: a line of ${order.id} does not multiply`)
    const price = priceAt(prices, line)
    if (price !== line.unit_price)
      violations.push(
        `I22: ${order.id} sold ${line.sku} at ${line.unit_price}, version ${line.product_version} says ${price}`,
      )
  }
  return violations
}

/** By product: its states in order of version, each with the price per SKU. */
type PriceList = Map<string, { version: number; skus: { sku: string; price: { amount: number } }[] }[]>

function pricesByVersion(facts: Facts): PriceList {
  const states = facts.records
    .filter(({ subject }) => subject.startsWith('products/'))
    .map(({ data }) => data)
  return grouped(states, ({ product_id }) => product_id)
}

function priceAt(prices: PriceList, line: OrderFact['lines'][number]): number | undefined {
  const state = prices.get(line.product_id)?.findLast(({ version }) => version <= line.product_version)
  return state?.skus.find(({ sku }) => sku === line.sku)?.price.amount
}

function foldViolations(
  order: OrderFact,
  events: { type: string; data: { status: string; payment_status: string; total: { amount: number } } }[],
): string[] {
  const violations: string[] = []
  const told = order.payment_method === 'card' ? 'RESERVED' : 'CONFIRMED'
  if (order.placed_at === undefined || order.history.every(({ step }) => step !== told)) {
    return events.length === 0 ? [] : [`I18: ${order.id} was never ${told} and told ${events.length} events`]
  }
  const creations = events.filter(({ type }) => type === 'order_created').length
  if (creations !== 1 || events[0]?.type !== 'order_created')
    violations.push(`I20: ${order.id} has ${creations} order_created`)
  const last = events.at(-1)?.data
  const paid = last?.payment_status
  if (order.step === 'COMMITTED' && paid !== order.payment_status)
    violations.push(`I20: ${order.id} is ${order.payment_status}, its events end at ${paid}`)
  if (last?.status !== order.status)
    violations.push(`I20: ${order.id} is ${order.status}, its events end at ${last?.status}`)
  if (events.some(({ data }) => data.total.amount !== order.total))
    violations.push(`I20: ${order.id} has the total ${order.total}, an event says otherwise`)
  const cancelled = events.some(({ type }) => type === 'order_cancelled')
  if (cancelled !== (order.status === 'cancelled'))
    violations.push(
      `I18: ${order.id} is ${order.status} and order_cancelled was ${cancelled ? '' : 'not '}told`,
    )
  return violations
}

function claimViolations(facts: Facts): string[] {
  const carts = new Map(facts.carts.map((cart) => [cart.id, cart]))
  const reserved = facts.orders.filter(({ cart_claim, placed_at }) => cart_claim && placed_at)
  return [...grouped(reserved, ({ cart_claim }) => cart_claim!)].flatMap(([claim, orders]) => {
    const [id, version] = claim.split('@') as [string, string]
    const cart = carts.get(id)
    const emptied = !cart || cart.lines.length === 0 || cart.version > Number(version)
    return [
      ...(orders.length > 1 ? [`I24: ${claim} became ${orders.length} orders`] : []),
      ...(emptied ? [] : [`I24: ${claim} was ordered and is still full`]),
    ]
  })
}
