import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Facts, OrderFact } from './check/facts.ts'
import { stockViolations } from './check/stock.ts'
import { factsOf, record } from './made-facts.ts'

const LINE = { product_id: 'prd_1', sku: 'A' }

/** A shop that received 5 pieces and sold 3 to one order; what lies in stock is told by its last event. */
function soldThree(returns: OrderFact['returns'], { sold }: { sold: number }): Facts {
  const balances = { received: 5, adjusted: 0, available: 5 - sold, reserved: 0, sold }
  const order = { id: 'ord_1', step: 'COMMITTED', lines: [{ ...LINE, quantity: 3 }], returns }
  return factsOf(
    [
      record({
        topic: 'ecommerce-inventory',
        subject: 'stock/prd_1/A',
        type: 'stock_changed',
        data: balances,
      }),
    ],
    {
      orders: [order as unknown as OrderFact],
      stock: [{ ...LINE, ...balances, sequence: 1, frozen: false }],
    },
  )
}

function returnOf(given: Partial<NonNullable<OrderFact['returns']>[number]>) {
  return { id: 'ret_1', state: 'received', lines: [{ ...LINE, quantity: 3, restocked: 2 }], ...given }
}

test('the checker takes what was sold again off what was sold, and leaves what was written off', () => {
  const returned = returnOf({ restock: 'done' })
  assert.deepEqual(stockViolations(soldThree([returned], { sold: 1 })), [])
  assert.deepEqual(stockViolations(soldThree([returnOf({ state: 'approved', lines: [] })], { sold: 3 })), [])
})

test('the checker counts neither what another shop sold nor what came back of it', () => {
  const returned = returnOf({ restock: 'done' })
  const facts = soldThree([returned], { sold: 0 })
  assert.match(stockViolations(facts).join(), /^I5: prd_1\/A says 0 sold, orders say 1/)
  assert.deepEqual(stockViolations({ ...facts, orders: [{ ...facts.orders[0]!, external_id: 'old-1' }] }), [])
})

test('the checker reports goods that came back twice, never, or more of them than were sold', () => {
  const returned = returnOf({ restock: 'done' })
  assert.match(
    stockViolations(soldThree([returned], { sold: 3 })).join(),
    /^I5: prd_1\/A says 3 sold, orders say 1/,
  )
  const due = stockViolations(soldThree([returnOf({ restock: 'due' })], { sold: 1 }))
  assert.deepEqual(due, ['I28: ret_1 of ord_1 lies about'])
  const asked = { id: 'ret_2', state: 'requested', lines: [{ ...LINE, quantity: 1 }] }
  assert.match(
    stockViolations(soldThree([returned, asked], { sold: 1 })).join(),
    /^I5: of 3 of A in ord_1 4 are/,
  )
  const rejected = { ...asked, state: 'rejected' }
  assert.deepEqual(stockViolations(soldThree([returned, rejected], { sold: 1 })), [])
})
