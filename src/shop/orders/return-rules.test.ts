import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isRefusal } from '../../kernel/errors.ts'
import { newId } from '../../kernel/ids.ts'
import { restockOf } from './restock-rules.ts'
import { changedReturn } from './return-change-rules.ts'
import type { ReturnChange } from './return-requests-schema.ts'
import { returnIdOf, withReturn } from './return-rules.ts'
import { MAX_RETURN_LINES, MAX_RETURNS } from './return-schema.ts'
import { MAX_ORDER_LINES, type Order } from './schema.ts'
import { type Commit, type Mark, rests } from './step-rules.ts'

const MARK: Mark = {
  now: 0,
  at: new Date(0).toISOString(),
  owner: 'start-1',
  alone: true,
  newEventId: () => newId('evt'),
  newPaymentId: () => newId('pay'),
  hold_ms: 1,
}

/** A delivered order of so many pieces of each SKU of one product. */
function delivered(quantities: Record<string, number>): Order {
  const lines = Object.entries(quantities).map(([sku, quantity]) => ({ product_id: 'prd_1', sku, quantity }))
  const state = { step: 'COMMITTED', status: 'delivered', payment_method: 'cash_on_delivery' }
  const known = {
    id: 'ord_1',
    version: 7,
    currency: 'USD',
    total: 100,
    user_id: 'usr_1',
    created_at: MARK.at,
    payment_status: 'unpaid',
  }
  return { ...known, ...state, lines, history: [] } as unknown as Order
}

const codeOf = (error: unknown) => (isRefusal(error) ? error.code : String(error))

function asked(order: Order, quantities: Record<string, number>) {
  const items = Object.entries(quantities).map(([sku, quantity]) => ({ product_id: 'prd_1', sku, quantity }))
  const operation = newId('op')
  const { document } = withReturn(order, { items, by: 'usr_1', operation }, MARK)!
  return { order: document, id: returnIdOf(operation) }
}

function moved(order: Order, return_id: string, change: ReturnChange): Commit {
  const wish = { ...change, by: 'usr_2', staff: true as const, return_id, operation: newId('op') }
  return changedReturn(order, wish, MARK)!
}

function received(order: Order, return_id: string, items?: ReturnChange['items']): Commit {
  const { document } = moved(order, return_id, { state: 'approved' })
  return moved(document, return_id, { state: 'received', ...(items && { items }) })
}

test('returns of an order are bounded in number and lines, rejected ones counted', () => {
  let order = delivered({ A: 1 })
  for (let made = 0; made < MAX_RETURNS; made++) {
    const { order: next, id } = asked(order, { A: 1 })
    order = moved(next, id, { state: 'rejected' }).document
  }
  assert.throws(
    () => asked(order, { A: 1 }),
    (error) => codeOf(error) === 'too_many_returns',
  )

  const all = Object.fromEntries(Array.from({ length: MAX_ORDER_LINES }, (_, at) => [`S${at}`, 9]))
  const one = Object.fromEntries(Object.keys(all).map((sku) => [sku, 1]))
  let large = delivered(all)
  for (let lines = 0; lines < MAX_RETURN_LINES; lines += MAX_ORDER_LINES) large = asked(large, one).order
  assert.throws(
    () => asked(large, { S0: 1 }),
    (error) => codeOf(error) === 'too_many_returns',
  )
})

test('a line of a product that was bought in several forms needs its SKU', () => {
  const items = [{ product_id: 'prd_1', quantity: 1 }]
  const wish = { items, by: 'usr_1', operation: newId('op') }
  assert.throws(
    () => withReturn(delivered({ A: 1, B: 1 }), wish, MARK),
    (error) => codeOf(error) === 'sku_required',
  )
  assert.ok(withReturn(delivered({ A: 1 }), wish, MARK))
})

test('what is sold again is stored as due with a lease; what is written off leaves the order at rest', () => {
  const { order, id } = asked(delivered({ A: 3, B: 1 }), { A: 2, B: 1 })
  const { document } = received(order, id, [{ product_id: 'prd_1', sku: 'A', restocked: 1, written_off: 1 }])
  assert.ok(!rests(document) && document.lease)
  const [returned] = document.returns!
  assert.deepEqual(restockOf(document, returned!), {
    ...{ order_id: 'ord_1', actor: 'usr_2', ref: id },
    lines: ['A', 'B'].map((sku) => ({ product_id: 'prd_1', sku, quantity: 1 })),
  })
  const lost = ['A', 'B'].map((sku) => ({ product_id: 'prd_1', sku, written_off: sku === 'A' ? 2 : 1 }))
  const gone = received(order, id, lost).document
  assert.ok(rests(gone) && !gone.lease)
  assert.equal(gone.returns![0]!.restock, undefined)
})

test('the order is returned by the write that receives its last piece, and says so', () => {
  const first = asked(delivered({ A: 2, B: 1 }), { A: 1 })
  const second = asked(first.order, { A: 1, B: 1 })
  const part = received(second.order, second.id)
  assert.deepEqual(
    [part.document.status, part.events.map(({ type }) => type)],
    ['delivered', ['order_updated']],
  )
  const whole = received(part.document, first.id)
  assert.deepEqual(
    [whole.document.status, whole.events.map(({ type }) => type)],
    ['returned', ['order_returned']],
  )
  assert.equal(whole.document.history.at(-1)!.status, 'returned')
})

test('the repeat of a request changes nothing', () => {
  const operation = newId('op')
  const wish = { items: [{ product_id: 'prd_1', sku: 'A', quantity: 1 }], by: 'usr_1', operation }
  const { document } = withReturn(delivered({ A: 1 }), wish, MARK)!
  assert.equal(withReturn(document, wish, MARK), undefined)
  const change = {
    state: 'approved' as const,
    by: 'usr_2',
    return_id: returnIdOf(operation),
    operation: newId('op'),
  }
  const after = changedReturn(document, change, MARK)!.document
  assert.equal(changedReturn(after, change, MARK), undefined)
})
