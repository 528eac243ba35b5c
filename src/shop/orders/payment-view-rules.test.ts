import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PaymentOperation } from './payment-schema.ts'
import { paymentView } from './payment-view-rules.ts'
import type { Order } from './schema.ts'

const HELD: PaymentOperation = {
  id: 'pay_1',
  kind: 'authorise',
  number: 1,
  state: 'done',
  amount: 4_000,
  at: '2026-01-01T00:00:00.000Z',
}

test('a payment says what its order says: held money is under way until it is taken, and failed when it was let go of', () => {
  const stateAt = (payment_status: Order['payment_status'], captured: number) => {
    const payment = { provider: 'p', operations: [HELD], captured, refunded: 0 }
    return paymentView({ id: 'ord_1', currency: 'USD', payment_status, payment } as Order, HELD).state
  }
  assert.deepEqual(
    [stateAt('processing', 0), stateAt('paid', 4_000), stateAt('refunded', 4_000), stateAt('failed', 0)],
    ['processing', 'succeeded', 'succeeded', 'failed'],
  )
})
