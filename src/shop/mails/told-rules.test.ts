import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { CloudEvent } from '../../kernel/event.ts'
import { toldBy } from './told-rules.ts'

const NOW = Date.UTC(2026, 0, 10)

function told(type: string, data: object, fields: Partial<CloudEvent> = {}): string | undefined {
  const time = new Date(NOW - 60_000).toISOString()
  const event = {
    ...{ id: 'evt_1', type, time, actor: 'usr_1' },
    data: { user_id: 'usr_1', order_id: 'ord_1', ...data },
    ...fields,
  } as CloudEvent
  const mail = toldBy(event, NOW)
  return mail && `${mail.kind}:${mail.subject}`
}

test('an order is told of when it is confirmed and when it is shipped, not in between', () => {
  assert.equal(told('order_created', { status: 'confirmed' }), 'order_confirmed:ord_1')
  assert.equal(told('order_created', { status: 'pending' }), undefined)
  assert.equal(told('order_created', { status: 'delivered' }), undefined, 'one of another shop')
  const moved = (status_before: string, status: string) => told('order_updated', { status_before, status })
  assert.equal(moved('pending', 'confirmed'), 'order_confirmed:ord_1')
  assert.equal(moved('confirmed', 'confirmed'), undefined)
  assert.equal(moved('confirmed', 'processing'), undefined)
  assert.equal(moved('processing', 'shipped'), 'order_shipped:ord_1')
  assert.equal(moved('shipped', 'shipped'), undefined)
  assert.equal(moved('shipped', 'delivered'), undefined)
})

test('an end that the customer has heard of already is not told, any other is', () => {
  for (const reason of ['customer', 'staff', 'expired'])
    assert.equal(told('order_cancelled', { reason }), 'order_cancelled:ord_1')
  for (const reason of ['superseded', 'out_of_stock', 'unavailable'])
    assert.equal(told('order_cancelled', { reason }), undefined)
})

test('each refund is told for itself', () => {
  const amount = { amount: 5, currency: 'USD' }
  assert.equal(told('payment_refunded', { amount }), 'order_refunded:evt_1')
  assert.equal(told('payment_refunded', { amount }, { id: 'evt_2' }), 'order_refunded:evt_2')
  assert.equal(told('payment_success', { amount }), undefined)
})

test('an account is welcomed, whoever made it, but the first', () => {
  assert.equal(told('user_registered', {}), 'welcome:usr_1')
  assert.equal(told('user_registered', {}, { actor: 'usr_2' }), 'welcome:usr_1')
  assert.equal(told('user_registered', {}, { actor: 'system' }), undefined)
  assert.equal(told('user_login', {}), undefined)
})

test('a changed password is told, each time, and no other change of a profile', () => {
  assert.equal(told('profile_updated', { changed: ['password'] }), 'password_changed:evt_1')
  assert.equal(told('profile_updated', { changed: ['password'] }, { id: 'evt_2' }), 'password_changed:evt_2')
  assert.equal(told('profile_updated', { changed: ['name'] }), undefined)
})

test('what is older than three days is no news', () => {
  const time = new Date(NOW - 3 * 86_400_000 - 1).toISOString()
  assert.equal(told('user_registered', {}, { time }), undefined)
})
