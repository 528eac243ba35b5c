import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { isRefusal } from '../../kernel/errors.ts'
import { cancelled, changedByStaff } from './change-rules.ts'
import { pendingOrder } from './placing-rules.ts'
import { type Order, PAYMENT_METHODS } from './schema.ts'
import { ORDER_STATUSES } from './status-schema.ts'
import { allowedTransitions, type Commit, type Mark, moveOn, takesUpWish } from './step-rules.ts'
import { STATUS_GRAPH, stepRule } from './steps.ts'

const STAFF = { by: 'usr_staff', staff: true as const }
const END = ['cancelled', 'returned']

/** What happens to an order: the protocol takes a step, the work of its step is refused, or somebody wants a status. */
const wish = fc.constantFrom('step', 'step', 'step', 'refused', ...ORDER_STATUSES)
type Wish = typeof wish extends fc.Arbitrary<infer Value> ? Value : never

function mark(now: number): Mark {
  return {
    ...{ now, at: new Date(now).toISOString(), owner: 'start-1', alone: true, hold_ms: 1_800_000 },
    newEventId: () => `evt_${now}`,
    newPaymentId: () => `pay_${now}`,
  }
}

function placed(payment_method: Order['payment_method']): Order {
  const address = { name: 'Ann', line1: 'High Street 1', city: 'Leeds', postal_code: 'LS1', country: 'GB' }
  const line = { product_id: 'prd_1', sku: 'A', name: 'Lamp', options: {}, quantity: 2, product_version: 1 }
  const order = pendingOrder(
    {
      ...{ id: 'ord_1', number: 'ABCDEFGH', user_id: 'usr_1', currency: 'USD' },
      request: { shipping_address: address, payment_method },
      ...(payment_method === 'card' && { provider: 'test' }),
      lines: [{ ...line, unit_price: 150, line_total: 300 }],
      charges: { shipping: 0, tax: 0, tax_included: 0, tax_rate_ppm: 0, total: 300 },
    },
    mark(0),
  )
  return { ...order, version: 1 }
}

function commitOf(order: Order, wanted: Wish, now: number): Commit | undefined {
  if (wanted === 'refused') {
    const { refused } = stepRule(order)
    return refused && moveOn(order, refused, mark(now))
  }
  if (wanted === 'step') {
    const next = takesUpWish(order) ? 'REVERSING' : stepRule(order).next
    return next && moveOn(order, next, mark(now))
  }
  if (wanted === 'cancelled') return cancelled(order, { ...STAFF, operation: `op_${now}` }, mark(now))
  return changedByStaff(order, { status: wanted }, STAFF, mark(now))
}

test('whatever is wished for an order and whenever, it moves along the graph, as far as it said it would', () => {
  fc.assert(
    fc.property(fc.constantFrom(...PAYMENT_METHODS), fc.array(wish, { maxLength: 30 }), (method, wishes) => {
      let order = placed(method)
      for (const [index, wanted] of wishes.entries()) {
        const allowed: readonly string[] = allowedTransitions(order)
        const attempt = () => commitOf(order, wanted, index + 1)
        const isStatus = wanted !== 'step' && wanted !== 'refused'
        if (isStatus && !allowed.includes(wanted)) {
          assert.throws(attempt, (error) => isRefusal(error, 'transition_not_allowed'))
          continue
        }
        const after = attempt()?.document
        if (!after) continue
        const { status } = after
        assert.ok(
          status === order.status || status in STATUS_GRAPH[order.status],
          `${order.status} to ${status}`,
        )
        if (isStatus && wanted !== 'cancelled') assert.equal(status, wanted)
        // Nothing is on its way before its money was taken.
        const unpaid = method === 'card' && !after.history.some(({ step }) => step === 'CAPTURED')
        if (unpaid) assert.ok(!['shipped', 'delivered'].includes(status))
        if (END.includes(order.status)) assert.equal(status, order.status)
        assert.equal(after.history.at(-1)!.status, status)
        order = { ...after, version: order.version + 1 }
      }
    }),
    { numRuns: 500 },
  )
})
