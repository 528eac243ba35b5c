import assert from 'node:assert/strict'
import { test } from 'node:test'
import { begun } from '../../src/shop/orders/attempt-rules.ts'
import { cancelled } from '../../src/shop/orders/change-rules.ts'
import { withStaffRefund } from '../../src/shop/orders/refund-rules.ts'
import { operation, TOTAL, world } from './elsewhere-world.ts'

const CONFIRMED = { status: 'confirmed' } as const
const taken = () => operation('capture', 'done', TOTAL)
const wish = { by: 'usr_1', operation: 'op_cancel' }
const usd = (amount: number) => ({ amount, currency: 'USD' })
const declined = { outcome: 'refused', code: 'declined' } as const

test('an order that is undone gives all of its money back, also when a refund of staff is refused meanwhile', async () => {
  const w = world({ ...CONFIRMED, step: 'COMMITTED', operations: [taken()] })
  let answer: ReturnType<typeof w.hands.refund> = { outcome: 'unknown', reason: 'silence' }
  w.hands.refund = (key) => (key === 'ord_1:refund:1' ? answer : undefined)
  const staff = { amount: usd(700), by: 'usr_2', request: 'op_refund' }
  await w.write(withStaffRefund(w.order(), staff, w.driver.mark()))
  await w.write(cancelled(w.order(), wish, w.driver.mark()))
  answer = { ...declined, object: { ...w.object } }
  await w.pass(1)
  assert.deepEqual(w.sums().slice(0, 4), ['REVERSED', 'refunded', TOTAL, TOTAL])
  assert.equal(w.object.refunded, TOTAL)
})

test('a refund of before that fails while the rest is given back is given back, too', async () => {
  const before = operation('refund', 'done', 700, { request: 'op_refund', by: 'usr_2' })
  const rest = operation('refund', 'unknown', 3_300, { number: 2 })
  const w = world({ ...CONFIRMED, step: 'REVERSING', operations: [taken(), before, rest] })
  w.object.refunded = 0
  await w.hear(w.notice({}, 'ord_1:refund:1'))
  await w.pass(1)
  assert.deepEqual(w.sums().slice(0, 4), ['REVERSED', 'refunded', TOTAL, TOTAL])
})

test('money that was taken by hand before the customer paid is counted once', async () => {
  const tries = [operation('create', 'done', TOTAL), operation('authorise', 'refused', TOTAL)]
  const w = world({ status: 'pending', step: 'AUTHORIZING', operations: tries })
  await w.reconcile()
  assert.deepEqual(w.sums().slice(0, 3), ['AUTHORIZING', 'processing', 0])
  await w.write(begun(w.order(), { method: 'pm_2', request: 'op_pay' }, w.driver.mark()))
  assert.deepEqual(w.sums().slice(0, 3), ['COMMITTED', 'paid', TOTAL])
  await w.write(cancelled(w.order(), wish, w.driver.mark()))
  assert.deepEqual(w.sums().slice(0, 4), ['REVERSED', 'refunded', TOTAL, TOTAL])
})

test('money of a cancelled order that will not go back stands in its ledger, and staff may try again', async () => {
  const w = world({ status: 'cancelled', step: 'CANCELLED', operations: [] })
  w.hands.refund = () => ({ ...declined, object: { ...w.object } })
  for (let time = 0; time < 3; time++) await w.reconcile()
  assert.deepEqual(w.sums(), ['CANCELLED', 'paid', TOTAL, 0, 'refund_failed'])
  assert.equal(w.keys.length, 1, 'nobody but staff asks again')
  w.hands.refund = () => undefined
  await w.write(withStaffRefund(w.order(), { by: 'usr_2', request: 'op_refund' }, w.driver.mark()))
  assert.deepEqual(w.sums(), ['CANCELLED', 'refunded', TOTAL, TOTAL, undefined])
})

test('whoever compares before the word of a failed refund gives nothing back a second time', async () => {
  const refund = operation('refund', 'done', TOTAL)
  const w = world({ status: 'cancelled', step: 'REVERSED', operations: [taken(), refund] })
  w.object.refunded = 0
  await w.reconcile()
  assert.equal(w.keys.length, 0)
  assert.equal(w.order().attention?.why, 'payment_mismatch')
  await w.hear(w.notice({}, 'ord_1:refund:1'))
  assert.deepEqual(w.sums(), ['REVERSED', 'paid', TOTAL, 0, 'refund_failed'])
  assert.deepEqual(w.told, [{ type: 'payment_refund_failed', amount: TOTAL }])
})

test('what others gave back and took again is seen, although it was seen before', async () => {
  const w = world({ ...CONFIRMED, step: 'COMMITTED', operations: [taken()] })
  w.object.refunded = 700
  await w.reconcile()
  assert.deepEqual(w.sums(), ['COMMITTED', 'partially_refunded', TOTAL, 700, 'moved_elsewhere'])
  w.object.refunded = 0
  await w.reconcile()
  assert.equal(w.order().attention?.why, 'payment_mismatch')
})

test('a notice of money moved by hand waits while a refund of staff is under way, and wakes what waits', async () => {
  const open = operation('refund', 'unknown', 100, { request: 'op_refund', by: 'usr_2' })
  const w = world({ ...CONFIRMED, step: 'COMMITTED', operations: [taken(), open] })
  w.object.refunded = 700
  const notice = w.notice({ amount: TOTAL, currency: 'USD', captured: TOTAL, refunded: 700 })
  await assert.rejects(w.hear(notice), { code: 'order_in_motion' })
  await w.pass(1)
  assert.equal(await w.hear(notice), 'compared')
  assert.deepEqual(w.sums().slice(1, 4), ['partially_refunded', TOTAL, 800])
})

test('an order of which others took a part can be cancelled, and the part is not lost', async () => {
  const operations = [operation('create', 'done', TOTAL), operation('capture', 'intent', TOTAL)]
  const w = world({ ...CONFIRMED, step: 'CONFIRMED', operations })
  w.object.captured = 3_000
  await w.driver.advance(w.order())
  assert.equal(w.order().attention?.why, 'payment_stuck')
  await w.write(cancelled(w.order(), wish, w.driver.mark()))
  await w.pass(1)
  assert.deepEqual(w.sums().slice(0, 4), ['CANCELLED', 'paid', 3_000, 0])
  await w.reconcile()
  assert.deepEqual(w.sums().slice(0, 4), ['CANCELLED', 'refunded', 3_000, 3_000])
})

test('a refund that is refused for good ends with the order undone and staff in charge', async () => {
  const w = world({ ...CONFIRMED, step: 'COMMITTED', operations: [taken()] })
  w.hands.refund = () => ({ ...declined, object: { ...w.object } })
  await w.write(cancelled(w.order(), wish, w.driver.mark()))
  await w.pass(48)
  assert.deepEqual(w.sums(), ['REVERSED', 'paid', TOTAL, 0, 'refund_failed'])
  assert.equal(w.keys.length, 5)
  await w.reconcile()
  assert.equal(w.keys.length, 5)
})

test('of a hand and a comparison each has its own refund, so that one can fail', async () => {
  const w = world({ status: 'cancelled', step: 'CANCELLED', operations: [] })
  w.object.refunded = 700
  await w.reconcile()
  assert.deepEqual(w.sums().slice(1, 4), ['refunded', TOTAL, TOTAL])
  w.object.refunded = 700
  await w.hear(w.notice({}, 'reconcile:obj:refund:700'))
  assert.deepEqual(w.sums(), ['CANCELLED', 'partially_refunded', TOTAL, 700, 'refund_failed'])
})
