import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { CloudEvent } from '../../kernel/event.ts'
import { countType } from './count-rules.ts'
import type { Counts, PeriodFigures, TotalFigures } from './figures-schema.ts'
import { statsReaction } from './reactions.ts'
import type { Figures } from './rules.ts'
import { sumFigures } from './view-rules.ts'

const gbp = (amount: number) => ({ amount, currency: 'GBP' })

function event(type: string, time: string, data: object): CloudEvent {
  return {
    specversion: '1.0',
    id: 'evt_1',
    source: '/tradewind',
    type,
    subject: 'orders/ord_1',
    time,
    dataschema: '',
    sequence: 1,
    partitionkey: 'ord_1',
    actor: 'system',
    data,
  }
}

function fold(events: readonly CloudEvent[]): Map<string, Figures> {
  const documents = new Map<string, Figures>()
  for (const each of events) {
    for (const id of statsReaction.ids(each)) {
      const body = documents.get(id) ?? statsReaction.empty(id)
      statsReaction.apply(body, id, each)
      documents.set(id, body)
    }
  }
  return documents
}

const made = '2026-01-31T23:30:00.000Z'
const nextMonth = '2026-02-01T00:10:00.000Z'
const created = event('order_created', made, { status: 'confirmed', created_at: made, total: gbp(1_500) })
const cancelled = event('order_cancelled', nextMonth, {
  status: 'cancelled',
  status_before: 'confirmed',
  created_at: made,
  total: gbp(1_500),
})

test('an order is revenue of the hour in which it was made', () => {
  const documents = fold([created])
  for (const id of ['hour:2026-01-31T23', 'day:2026-01-31', 'month:2026-01']) {
    const { revenue, orders, events } = documents.get(id) as PeriodFigures
    assert.deepEqual(revenue, { GBP: { amount: 1_500, orders: 1 } })
    assert.deepEqual(orders, { confirmed: 1 })
    assert.deepEqual(events, { order_created: 1 })
  }
})

test('a cancellation takes the money from the hour of the order and counts as an event of its own hour', () => {
  const documents = fold([created, cancelled])
  const january = documents.get('month:2026-01') as PeriodFigures
  assert.deepEqual(january.revenue, { GBP: { amount: 0, orders: 0 } })
  assert.deepEqual(january.orders, { cancelled: 1 })
  assert.deepEqual(january.events, { order_created: 1 })
  const february = documents.get('month:2026-02') as PeriodFigures
  assert.deepEqual(february.revenue, {})
  assert.deepEqual(february.events, { order_cancelled: 1 })
  assert.deepEqual((documents.get('totals') as TotalFigures).orders, { cancelled: 1 })
})

test('an order that waits for its payment is no revenue until it is confirmed', () => {
  const pending = event('order_created', made, { status: 'pending', created_at: made, total: gbp(700) })
  const confirmed = event('order_updated', nextMonth, {
    status: 'confirmed',
    status_before: 'pending',
    created_at: made,
    total: gbp(700),
  })
  assert.deepEqual((fold([pending]).get('day:2026-01-31') as PeriodFigures).revenue, {})
  const paid = fold([pending, confirmed]).get('day:2026-01-31') as PeriodFigures
  assert.deepEqual(paid.revenue, { GBP: { amount: 700, orders: 1 } })
})

test('what is given back counts in the hour in which it was, whenever its order was made', () => {
  const refund = (amount: number) => event('payment_refunded', nextMonth, { amount: gbp(amount) })
  const documents = fold([created, refund(300), refund(200)])
  const { refunds, revenue } = documents.get('month:2026-02') as PeriodFigures
  assert.deepEqual([refunds, revenue], [{ GBP: { amount: 500, count: 2 } }, {}])
  assert.equal((documents.get('month:2026-01') as PeriodFigures).refunds, undefined)
})

test('users, products and low stock are counted by where they went', () => {
  const totals = fold([
    event('user_registered', made, { role: 'customer' }),
    event('user_registered', made, { role: 'customer' }),
    event('user_role_changed', made, { from: 'customer', to: 'admin' }),
    event('product_created', made, { status: 'draft' }),
    event('product_updated', made, { from_status: 'draft', status: 'active' }),
    event('product_created', made, { status: 'active' }),
    event('product_deleted', made, { from_status: 'active', status: 'archived' }),
    event('stock_changed', made, { low: true, low_before: false }),
    event('stock_changed', made, { low: true, low_before: true }),
    event('stock_changed', nextMonth, { low: false, low_before: true }),
  ]).get('totals') as TotalFigures
  assert.deepEqual(totals.users, { customer: 1, admin: 1 })
  assert.deepEqual(totals.products, { active: 1, archived: 1 })
  assert.equal(totals.low_stock, 0)
  assert.equal(totals.as_of, nextMonth)
})

test('the figures are the same in whatever order the events come', () => {
  const events = [
    created,
    cancelled,
    event('order_created', nextMonth, { status: 'confirmed', created_at: nextMonth, total: gbp(99) }),
    event('user_registered', made, { role: 'customer' }),
    event('page_view', made, {}),
    event('custom.spin', nextMonth, {}),
  ]
  const expected = fold(events)
  fc.assert(
    fc.property(fc.shuffledSubarray(events, { minLength: events.length }), (shuffled) => {
      const figures = fold(shuffled)
      for (const [id, body] of expected) assert.deepEqual(figures.get(id), body)
    }),
  )
})

test('names that visitors made up cannot make a document grow, and those kept are counted exactly', () => {
  const names = fc.constantFrom(...Array.from({ length: 120 }, (_, index) => `custom.n${index}`))
  fc.assert(
    fc.property(fc.array(names, { maxLength: 400 }), (types) => {
      const counts: Counts = {}
      for (const type of types) countType(counts, type)
      const kept = [...new Set(types)].sort().slice(0, 50)
      const { 'custom.*': rest = 0, ...listed } = counts
      assert.deepEqual(Object.keys(listed).sort(), kept)
      for (const name of kept) assert.equal(listed[name], types.filter((type) => type === name).length)
      assert.equal(rest, types.filter((type) => !kept.includes(type)).length)
    }),
  )
})

test('the sum of the hours is the day', () => {
  const documents = fold([created, cancelled, event('page_view', '2026-01-31T04:00:00.000Z', {})])
  const hours = [...documents].filter(([id]) => id.startsWith('hour:2026-01-31')).map(([, body]) => body)
  assert.deepEqual(sumFigures(hours as PeriodFigures[]), documents.get('day:2026-01-31'))
})
