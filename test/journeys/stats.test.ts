import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { OutboxEntry } from '../../src/storage/outbox.ts'
import { outboxEntry } from '../support/log.ts'
import { openEvents } from './events-door.ts'

const now = Date.parse('2026-11-23T10:20:00.000Z')
const clock = { now: () => now }

function told(position: number, type: string, time: string, data: object): OutboxEntry {
  const topic = type.startsWith('order') ? 'ecommerce-orders' : 'ecommerce-user-events'
  const entry = outboxEntry(position, { key: `k${position}`, topic, type, data })
  const event = { ...entry.event, time }
  return { ...entry, event, json: JSON.stringify(event) }
}

const order = (created_at: string, amount: number) => ({
  status: 'confirmed',
  created_at,
  total: { amount, currency: 'GBP' },
})

async function openFigures(t: Parameters<typeof openEvents>[0]) {
  const events = await openEvents(t, { clock })
  const long = '2026-10-20T08:00:00.000Z'
  const recent = '2026-11-22T23:59:59.999Z'
  await events.log.appendOutbox([
    told(1, 'user_registered', recent, { user_id: 'usr_1', role: 'customer', status: 'active' }),
    told(2, 'user_registered', long, { user_id: 'usr_2', role: 'admin', status: 'active' }),
    told(3, 'order_created', long, order(long, 1_000)),
    told(4, 'order_created', recent, order(recent, 250)),
    told(5, 'order_created', recent, order(recent, 500)),
    told(6, 'order_cancelled', '2026-11-23T10:10:00.000Z', {
      ...order(recent, 500),
      status: 'cancelled',
      status_before: 'confirmed',
    }),
  ])
  await events.client.post('/events', [{ type: 'page_view', anonymous_id: 'v' }])
  await events.consumers.caughtUp()
  return { staff: events.as('admin'), ...events }
}

test('without a question the totals are of all time, the rest of 30 days, beside the 30 days before', async (t) => {
  const { staff } = await openFigures(t)
  const { status, body } = await staff.get('/admin/stats')
  assert.equal(status, 200)
  assert.equal(body.from, '2026-10-24T11:00:00.000Z')
  assert.equal(body.to, '2026-11-23T11:00:00.000Z')
  assert.equal(body.as_of, '2026-11-23T10:20:00.000Z')
  assert.deepEqual(body.revenue, [{ currency: 'GBP', amount: 250, orders: 1, average_order_value: 250 }])
  assert.deepEqual(body.orders, { total: 3, by_status: { confirmed: 2, cancelled: 1 } })
  assert.deepEqual(body.users, { total: 2, new: 1, by_role: { customer: 1, admin: 1 } })
  assert.deepEqual(body.events.by_type, {
    order_cancelled: 1,
    order_created: 2,
    page_view: 1,
    user_registered: 1,
  })
  assert.deepEqual(body.previous.revenue, [
    { currency: 'GBP', amount: 1_000, orders: 1, average_order_value: 1_000 },
  ])
  assert.deepEqual(body.previous.orders, { total: 1, by_status: { confirmed: 1 } })
})

test('a period is counted by the hours in which orders were made', async (t) => {
  const { staff } = await openFigures(t)
  const { body } = await staff.get('/admin/stats?from=2026-11-22T23:00Z&to=2026-11-23T00:00:00Z')
  assert.deepEqual(body.orders, { total: 2, by_status: { confirmed: 1, cancelled: 1 } })
  assert.equal(body.revenue[0].amount, 250)
  assert.deepEqual(body.previous.orders, { total: 0, by_status: {} })
  const today = await staff.get('/admin/stats?from=2026-11-23T00:00:00Z&to=2026-11-24T00:00:00Z')
  assert.deepEqual(today.body.revenue, [])
  assert.deepEqual(today.body.events.by_type, { order_cancelled: 1, page_view: 1 })
})

test('a period that is not made of whole hours is refused', async (t) => {
  const { staff } = await openFigures(t)
  for (const query of [
    'from=2026-11-22T23:30:00Z',
    'from=2026-11-22',
    'from=yesterday',
    'to=2026-02-30T00:00:00Z',
    'from=2026-11-23T00:00:00Z&to=2026-11-22T00:00:00Z',
    'days=3',
  ]) {
    assert.equal((await staff.get(`/admin/stats?${query}`)).status, 400, query)
  }
})

test('the figures follow within a second', async (t) => {
  const { staff, client } = await openFigures(t)
  const before = (await staff.get('/admin/stats')).body.events.by_type.page_view
  const started = performance.now()
  await client.post('/events', { type: 'page_view', anonymous_id: 'v' })
  for (;;) {
    const { body } = await staff.get('/admin/stats')
    if (body.events.by_type.page_view === before + 1) break
    assert.ok(performance.now() - started < 10_000, 'the event never arrived')
  }
})

test('only staff see figures', async (t) => {
  const { client, as } = await openFigures(t)
  for (const path of ['/admin/stats', '/admin/recent-orders']) {
    assert.equal((await client.get(path)).status, 401)
    assert.equal((await as('customer').get(path)).status, 403)
    assert.equal((await as('admin').get(path)).status, 200)
  }
})
