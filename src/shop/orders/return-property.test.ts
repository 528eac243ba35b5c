import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { isRefusal } from '../../kernel/errors.ts'
import { newId } from '../../kernel/ids.ts'
import { openOf, withOutcome } from './payment-rules.ts'
import { settledRefund } from './refund-rules.ts'
import { changedReturn } from './return-change-rules.ts'
import { piecesOf } from './return-line-rules.ts'
import { allowedStates, withReturn } from './return-rules.ts'
import { RETURN_STATES, type ReturnState } from './return-schema.ts'
import { RETURN_STEPS } from './return-steps.ts'
import type { Order } from './schema.ts'
import type { Mark } from './step-rules.ts'

const MARK: Mark = {
  ...{ now: 0, at: new Date(0).toISOString(), owner: 'start-1', alone: true, hold_ms: 1 },
  newEventId: () => newId('evt'),
  newPaymentId: () => newId('pay'),
}
const CHANGES = RETURN_STATES.filter((state) => state !== 'requested') as Exclude<ReturnState, 'requested'>[]
const REFUSALS = [
  'transition_not_allowed',
  'refund_in_progress',
  'more_than_bought',
  'not_returnable',
  'invalid_body',
  'pieces_do_not_add_up',
  'not_refundable',
  'too_many_returns',
]

/** Somebody asks to return pieces, staff want a return in another state, or the provider says what became of a refund. */
const happening = fc.oneof(
  fc.record({
    what: fc.constant('asked' as const),
    line: fc.nat(1),
    quantity: fc.integer({ min: 1, max: 3 }),
  }),
  fc.record({
    what: fc.constant('moved' as const),
    which: fc.nat(5),
    state: fc.constantFrom(...CHANGES),
    restocked: fc.option(fc.nat(3)),
  }),
  fc.record({
    what: fc.constant('heard' as const),
    state: fc.constantFrom('done' as const, 'refused' as const),
  }),
)
type Happening = typeof happening extends fc.Arbitrary<infer Value> ? Value : never

/** Two lines of two and three pieces, paid by card. */
function delivered(): Order {
  const lines = [
    { product_id: 'prd_1', sku: 'A', quantity: 2, unit_price: 100, line_total: 200 },
    { product_id: 'prd_1', sku: 'B', quantity: 3, unit_price: 33, line_total: 99 },
  ]
  const capture = { id: 'pay_1', kind: 'capture', number: 1, state: 'done', amount: 310, at: MARK.at }
  const sums = { subtotal: 299, discount: 0, shipping: 10, tax: 1, total: 310, currency: 'USD' }
  const payment = { provider: 'test', operations: [capture], captured: 310, refunded: 0 }
  const state = { step: 'COMMITTED', status: 'delivered', payment_method: 'card', payment_status: 'paid' }
  return {
    id: 'ord_1',
    version: 1,
    user_id: 'usr_1',
    created_at: MARK.at,
    lines,
    history: [],
    payment,
    ...sums,
    ...state,
  } as unknown as Order
}

function after(order: Order, happened: Happening): Order {
  const operation = newId('op')
  if (happened.what === 'asked') {
    const { product_id, sku } = order.lines[happened.line]!
    const items = [{ product_id, sku, quantity: happened.quantity }]
    return withReturn(order, { items, by: 'usr_1', operation }, MARK)!.document
  }
  if (happened.what === 'moved') {
    const wanted = order.returns?.[happened.which % order.returns.length]
    if (!wanted) return order
    const { state, restocked } = happened
    const { product_id, sku, quantity } = wanted.lines[0]!
    const items =
      restocked === null
        ? {}
        : { items: [{ product_id, sku, restocked, written_off: Math.max(0, quantity - restocked) }] }
    const wish = { state, ...items, by: 'usr_2', staff: true as const, return_id: wanted.id, operation }
    return changedReturn(order, wish, MARK)?.document ?? order
  }
  const open = openOf(order, 'refund')
  if (!open) return order
  if (happened.state === 'refused') return withOutcome(order, open, { state: 'refused' })
  const refunded = order.payment!.refunded + open.amount
  return settledRefund(withOutcome(order, open, { state: 'done' }, { refunded }), open, MARK).document
}

test('whatever is wished for the returns of an order, each moves along its graph, no piece comes back twice, and all back is returned', () => {
  fc.assert(
    fc.property(fc.array(happening, { maxLength: 40 }), (happenings) => {
      let order = delivered()
      for (const happened of happenings) {
        const before = order
        try {
          order = after(before, happened)
        } catch (error) {
          assert.ok(
            REFUSALS.some((code) => isRefusal(error, code)),
            String(error),
          )
        }
        for (const { id, state, history } of order.returns ?? []) {
          const was = before.returns?.find((one) => one.id === id)
          if (was && was.state !== state) {
            assert.ok(RETURN_STEPS[was.state].next.includes(state), `${was.state} to ${state}`)
            if (happened.what === 'moved') assert.ok(allowedStates(before, was).includes(state))
          } else if (!was) assert.equal(state, 'requested')
          assert.equal(history.at(-1)!.state, state)
        }
        const asked = piecesOf(order.returns ?? [])
        for (const { sku, quantity } of order.lines) assert.ok((asked.get(`prd_1/${sku}`) ?? 0) <= quantity)
        const here = piecesOf(
          (order.returns ?? []).filter(({ state }) => state === 'received' || state === 'refunded'),
        )
        const all = order.lines.every(({ sku, quantity }) => here.get(`prd_1/${sku}`) === quantity)
        assert.equal(order.status, all ? 'returned' : 'delivered')
        assert.ok(order.payment!.refunded <= order.total - order.shipping)
      }
    }),
    { numRuns: 300 },
  )
})
