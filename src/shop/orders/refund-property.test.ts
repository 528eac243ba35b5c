import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { isRefusal } from '../../kernel/errors.ts'
import { newId } from '../../kernel/ids.ts'
import { openOf, refundable, statusOf, withOutcome } from './payment-rules.ts'
import { ledgerOf } from './payment-view-rules.ts'
import { settledRefund, withStaffRefund } from './refund-rules.ts'
import type { Order } from './schema.ts'
import type { Mark } from './step-rules.ts'

const MARK: Mark = {
  ...{ now: 0, at: new Date(0).toISOString(), owner: 'start-1', alone: true, hold_ms: 1 },
  newEventId: () => newId('evt'),
  newPaymentId: () => newId('pay'),
}

/** What happens to the money of an order: staff want some or all of the rest back, and the provider does it, refuses it or is not heard. */
const happening = fc.oneof(
  fc.record({
    asked: fc.option(fc.oneof(fc.nat(50), fc.nat(10_000))),
    request: fc.constantFrom('op_1', 'op_2', 'op_3', 'new'),
  }),
  fc.constantFrom('done' as const, 'done' as const, 'refused' as const, 'unknown' as const),
)

function captured(total: number): Order {
  const capture = { id: 'pay_1', kind: 'capture', number: 1, state: 'done', amount: total, at: MARK.at }
  const payment = { provider: 'test', operations: [capture], captured: total, refunded: 0 }
  const state = { step: 'COMMITTED', status: 'delivered', payment_method: 'card', payment_status: 'paid' }
  return {
    id: 'ord_1',
    version: 1,
    currency: 'USD',
    total,
    lines: [],
    history: [],
    user_id: 'usr_1',
    created_at: MARK.at,
    payment,
    ...state,
  } as unknown as Order
}

function after(order: Order, happened: ReturnType<typeof pick>): Order {
  if (typeof happened === 'object') {
    const { asked, request } = happened
    const amount = asked === null ? {} : { amount: { amount: asked, currency: 'USD' } }
    const wish = { ...amount, by: 'usr_2', request: request === 'new' ? newId('op') : request }
    return withStaffRefund(order, wish, MARK)?.document ?? order
  }
  const open = openOf(order, 'refund')
  if (!open) return order
  if (happened !== 'done') return withOutcome(order, open, { state: happened })
  const refunded = order.payment!.refunded + open.amount
  return settledRefund(withOutcome(order, open, { state: 'done' }, { refunded }), open, MARK).document
}

type Happening = typeof happening extends fc.Arbitrary<infer Value> ? Value : never
const pick = (happened: Happening) => happened

test('whatever is asked back and whatever the provider says, no more goes back than was taken, and the ledger adds up', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 10_000 }),
      fc.array(happening, { maxLength: 40 }),
      (total, happenings) => {
        let order = captured(total)
        for (const happened of happenings) {
          const left = refundable(order)
          try {
            order = after(order, happened)
          } catch (error) {
            assert.ok(
              isRefusal(error, 'not_refundable') || isRefusal(error, 'too_many_refunds'),
              String(error),
            )
            assert.equal(refundable(order), left)
          }
          const { operations, refunded } = order.payment!
          const promised = operations.filter(({ kind, state }) => kind === 'refund' && state !== 'refused')
          assert.equal(
            promised.reduce((sum, { amount }) => sum + amount, refundable(order)),
            total,
          )
          assert.ok(refundable(order) >= 0 && promised.every(({ amount }) => amount > 0))
          assert.equal(
            ledgerOf(order).reduce((sum, { amount }) => sum + amount.amount, 0),
            total - refunded,
          )
          assert.equal(order.payment_status, statusOf(order))
          assert.equal(
            new Set(operations.map(({ kind, number }) => `${kind} ${number}`)).size,
            operations.length,
          )
        }
      },
    ),
    { numRuns: 300 },
  )
})
