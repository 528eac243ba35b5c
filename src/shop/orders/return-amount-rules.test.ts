import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { PaymentOperation } from './payment-schema.ts'
import { costOf } from './return-amount-rules.ts'
import type { OrderReturn } from './return-schema.ts'
import type { Order, OrderLine } from './schema.ts'

function lineOf(unit_price: number, quantity: number, index: number): OrderLine {
  const line_total = unit_price * quantity
  const sku = `S${index}`
  return {
    product_id: 'prd_1',
    sku,
    name: sku,
    options: {},
    quantity,
    unit_price,
    line_total,
    product_version: 1,
  }
}

function orderOf(lines: OrderLine[], { shipping = 0, tax = 0 } = {}): Order {
  const subtotal = lines.reduce((sum, { line_total }) => sum + line_total, 0)
  const sums = { subtotal, discount: 0, shipping, tax, total: subtotal + shipping + tax }
  const payment = { provider: 'test', operations: [], captured: sums.total, refunded: 0 }
  return { id: 'ord_1', lines, ...sums, payment } as unknown as Order
}

/** One piece of a line, received. */
function pieceOf({ product_id, sku }: OrderLine, id: string): OrderReturn {
  return { id, state: 'received', lines: [{ product_id, sku, quantity: 1, restocked: 1 }], history: [] }
}

/** The order with the return paid back, and what that came to. */
function paidBack(order: Order, wanted: OrderReturn, state: PaymentOperation['state'] = 'done') {
  const requested = { ...order, returns: [...(order.returns ?? []), wanted] }
  const amount = costOf(requested, wanted)
  const refund = { id: `pay_${wanted.id}`, kind: 'refund', number: 1, state, amount, return_id: wanted.id }
  const operations = [...requested.payment!.operations, { ...refund, at: '' } as PaymentOperation]
  return { order: { ...requested, payment: { ...requested.payment!, operations } }, amount }
}

test('in whatever order the pieces come back, each costs nothing negative and all together the total without shipping', () => {
  const price = fc.oneof(fc.integer({ min: 1, max: 500 }), fc.integer({ min: 1, max: 2 ** 46 }))
  const lines = fc.array(fc.tuple(price, fc.integer({ min: 1, max: 6 })), { minLength: 1, maxLength: 4 })
  const sums = fc.record({ shipping: fc.nat(5_000), tax: fc.nat(1_000_000) })
  const seed = fc.infiniteStream(fc.nat())
  fc.assert(
    fc.property(lines, sums, seed, (priced, added, random) => {
      const made = priced.map(([unit_price, quantity], index) => lineOf(unit_price, quantity, index))
      let order = orderOf(made, added)
      const pieces = made.flatMap((line) => Array.from({ length: line.quantity }, () => line))
      let sum = 0
      for (let left = pieces.length; left > 0; left--) {
        const [line] = pieces.splice(random.next().value % left, 1)
        const back = paidBack(order, pieceOf(line!, `ret_${left}`))
        order = back.order
        assert.ok(back.amount >= 0)
        sum += back.amount
        assert.ok(sum <= order.total - order.shipping)
      }
      assert.equal(sum, order.total - order.shipping)
    }),
    { numRuns: 300 },
  )
})

test('tax that was added comes back with the goods, shipping does not', () => {
  const [line] = [lineOf(1_000, 3, 0)]
  // 19 % of 30 dollars and 5 of shipping.
  const order = orderOf([line], { shipping: 500, tax: 665 })
  const amounts: number[] = []
  let at = order
  for (const id of ['ret_1', 'ret_2', 'ret_3']) {
    const back = paidBack(at, pieceOf(line, id))
    amounts.push(back.amount)
    at = back.order
  }
  assert.deepEqual(amounts, [1_222, 1_221, 1_222])
})

test('a refund that was refused counts for nothing, and a return of which nothing was given back neither', () => {
  const line = lineOf(333, 3, 0)
  const first = pieceOf(line, 'ret_1')
  const { order } = paidBack(orderOf([line], { tax: 1 }), first, 'refused')
  assert.equal(costOf(order, first), 333)
  const second = pieceOf(line, 'ret_2')
  assert.equal(costOf({ ...order, returns: [first, second] }, second), 333)
})

test('a share is exact also where its product is larger than can be counted exactly', () => {
  const lines = [lineOf(2_429_579_441_107_769, 1, 0), lineOf(1_100_528_135_913_180, 1, 1)]
  const { amount } = paidBack(orderOf(lines, { tax: 731_321_370_648_250 }), pieceOf(lines[0]!, 'ret_1'))
  assert.equal(amount, 2_932_907_832_156_175)
})
