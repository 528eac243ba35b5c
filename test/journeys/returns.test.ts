import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Body } from '../support/http-client.ts'
import { everything } from '../support/log.ts'
import { type RunningShop, startShop } from '../support/shop.ts'
import { type DeliveredWorld, openDeliveredWorld, usd } from './returns-world.ts'

const MANY = 50

let shop: RunningShop
let world: DeliveredWorld
before(async () => {
  shop = await startShop()
  world = await openDeliveredWorld(shop)
})
after(() => shop.stop())

test('goods by card come back in parts: sold again or written off, and paid back when the money has left', async () => {
  const { id, product_id, ask, move, read, levels } = await world.delivered({ quantity: 2 })
  const asked = await ask([{ product_id, quantity: 1, reason: 'Too bright' }], { note: 'By post' })
  assert.equal(asked.status, 201, asked.text)
  const first = asked.body
  assert.match(first.id, /^ret_/)
  assert.deepEqual(
    [first.state, first.order_id, first.note, first.refund],
    ['requested', id, 'By post', null],
  )
  const [{ sku }] = first.items
  const open = { reason: 'Too bright', restocked: null, written_off: null }
  assert.deepEqual(first.items, [{ product_id, sku, quantity: 1, ...open }])
  assert.deepEqual((await read()).returns, [first])

  assert.equal((await move(first.id, { state: 'approved' })).body.state, 'approved')
  const received = await move(first.id, { state: 'received' })
  assert.deepEqual([received.status, received.body.items[0].restocked], [200, 1], received.text)
  assert.deepEqual(await levels(), { available: 4, reserved: 0 })
  assert.equal((await read()).status, 'delivered')
  const refunded = (await move(first.id, { state: 'refunded' })).body
  assert.deepEqual([refunded.state, refunded.refund.state], ['refunded', 'succeeded'])
  assert.deepEqual(refunded.refund.amount, usd(2_000))
  assert.deepEqual(refunded.allowed_transitions, [])
  assert.equal((await read()).payment_status, 'partially_refunded')

  const second = (await ask([{ product_id, quantity: 1 }])).body.id
  await move(second, { state: 'approved' })
  const broken = { product_id, restocked: 0, written_off: 1 }
  await move(second, { state: 'received', items: [broken] })
  assert.deepEqual(await levels(), { available: 4, reserved: 0 }, 'what is written off is not sold again')
  assert.equal((await read()).status, 'returned')
  await move(second, { state: 'refunded' })
  const order = await read()
  assert.deepEqual([order.payment_status, order.allowed_transitions], ['refunded', []])
  assert.deepEqual(
    order.ledger.map(({ amount }: Body) => amount.amount),
    [4_000, -2_000, -2_000],
  )
  assert.equal((await ask([{ product_id, quantity: 1 }])).body.code, 'not_returnable')

  await shop.caughtUp()
  const told = await everything(shop.application.log, ['ecommerce-orders'])
  const about = told
    .filter(({ event }) => event.subject === `orders/${id}` && 'return' in (event.data as object))
    .map(({ event: { type, data } }) => ({ type, data: data as Body }))
  assert.deepEqual(
    about.map(({ type, data }) => [type, data.return.id, data.return.state, data.changed.join()]),
    [
      ['order_updated', first.id, 'requested', 'returns'],
      ['order_updated', first.id, 'approved', 'returns'],
      ['order_updated', first.id, 'received', 'returns'],
      ['order_updated', first.id, 'refunded', 'payment_status,returns'],
      ['order_updated', second, 'requested', 'returns'],
      ['order_updated', second, 'approved', 'returns'],
      ['order_returned', second, 'received', 'status,returns'],
      ['order_updated', second, 'refunded', 'payment_status,returns'],
    ],
  )
})

test('cash that was never recorded cannot be given back; recorded, it is given back at once', async () => {
  const { id, product_id, ask, move, read } = await world.delivered({ cash: true, quantity: 3 })
  const { id: one } = (await ask([{ product_id, quantity: 2 }])).body
  await move(one, { state: 'approved' })
  await move(one, { state: 'received' })
  const unpaid = await move(one, { state: 'refunded' })
  assert.deepEqual([unpaid.status, unpaid.body.code], [409, 'not_refundable'])
  assert.equal((await read()).returns[0].state, 'received')
  await world.staff.post(`/orders/${id}/payments/cash`, undefined)
  const kept = await move(one, { state: 'refunded', amount: usd(3_500), note: 'A fee' })
  assert.deepEqual([kept.body.state, kept.body.refund.amount], ['refunded', usd(3_500)])
  assert.equal((await read()).payment_status, 'partially_refunded')
  const { id: other } = (await ask([{ product_id, quantity: 1 }])).body
  await move(other, { state: 'approved' })
  await move(other, { state: 'received' })
  const much = await move(other, { state: 'refunded', amount: usd(2_501) })
  assert.deepEqual([much.body.code, much.body.refundable], ['not_refundable', usd(2_500)])
  // A fee on the first return is not made good by the second.
  assert.deepEqual((await move(other, { state: 'refunded' })).body.refund.amount, usd(2_000))
})

test('a rejected return frees its pieces; only staff read what staff wrote', async () => {
  const { product_id, ask, move, read } = await world.delivered({ quantity: 1 })
  const { id: refused } = (await ask([{ product_id, quantity: 1 }])).body
  const over = await ask([{ product_id, quantity: 1 }])
  assert.deepEqual([over.status, over.body.code], [409, 'more_than_bought'])
  assert.deepEqual(over.body.lines[0].returnable, 0)
  const early = await move(refused, { state: 'received' })
  assert.deepEqual([early.status, early.body.code], [409, 'transition_not_allowed'])
  assert.deepEqual(early.body.allowed_transitions, ['approved', 'rejected'])
  await move(refused, { state: 'rejected', note: 'Worn for a year' })
  const late = await move(refused, { state: 'approved' })
  assert.deepEqual([late.body.code, late.body.allowed_transitions], ['transition_not_allowed', []])
  const seen = (await read()).returns[0].history.at(-1)
  assert.deepEqual([seen.state, seen.by, seen.note], ['rejected', 'staff', null])
  assert.equal((await read(world.staff)).returns[0].history.at(-1).note, 'Worn for a year')
  const again = await ask([{ product_id, quantity: 1 }])
  assert.equal(again.status, 201)
  await move(again.body.id, { state: 'approved' })
  assert.equal((await move(again.body.id, { state: 'rejected' })).body.state, 'rejected', 'they never came')
})

test('a return has to fit its order and the order has to be delivered', async () => {
  const { ann, id, product_id, ask, move, place } = await world.delivered({ quantity: 2 })
  const codeOf = async (items: object[]) => (await ask(items)).body.code
  assert.equal(await codeOf([]), 'invalid_body')
  assert.equal(await codeOf([{ product_id, quantity: 0 }]), 'invalid_body')
  assert.equal(
    await codeOf([
      { product_id, quantity: 1 },
      { product_id, quantity: 1 },
    ]),
    'invalid_body',
  )
  assert.equal(await codeOf([{ product_id: 'prd_other', quantity: 1 }]), 'no_such_line')
  assert.equal(await codeOf([{ product_id, sku: 'OTHER', quantity: 1 }]), 'no_such_line')
  assert.equal(await codeOf([{ product_id, quantity: 3 }]), 'more_than_bought')
  const placed = await place()
  const open = await ann.post(`/orders/${placed}/returns`, { items: [{ product_id, quantity: 1 }] })
  assert.deepEqual(
    [open.status, open.body.code, open.body.order_status],
    [409, 'not_returnable', 'confirmed'],
  )

  const { id: one } = (await ask([{ product_id, quantity: 2 }])).body
  const elsewhere = await world.staff.put(`/orders/${placed}/returns/${one}`, { state: 'approved' })
  assert.equal(elsewhere.status, 404)
  assert.equal((await move(one, { state: 'requested' })).body.code, 'invalid_body')
  assert.equal((await move(one, { state: 'approved', items: [] })).body.code, 'invalid_body')
  assert.equal((await move(one, { state: 'approved', amount: usd(1) })).body.code, 'invalid_body')
  await move(one, { state: 'approved' })
  const short = await move(one, { state: 'received', items: [{ product_id, restocked: 1 }] })
  assert.deepEqual([short.status, short.body.code], [422, 'pieces_do_not_add_up'])
  const halves = { product_id, restocked: 1, written_off: 1 }
  assert.equal((await move(one, { state: 'received', items: [halves] })).status, 200)
  const euros = await move(one, { state: 'refunded', amount: { amount: 1, currency: 'EUR' } })
  assert.equal(euros.body.code, 'currency_mismatch')
  assert.equal((await ann.get(`/orders/${id}`)).body.status, 'returned')
})

test('API6-09 one return asked for many times at once is made once, and many at once never exceed what was bought', async () => {
  const one = await world.delivered({ quantity: 5 })
  const same = await Promise.all(
    Array.from({ length: MANY }, () =>
      one.ask([{ product_id: one.product_id, quantity: 2 }], {}, { 'idempotency-key': 'return-1' }),
    ),
  )
  assert.deepEqual([...new Set(same.map(({ status }) => status))], [201])
  assert.equal(new Set(same.map(({ text }) => text)).size, 1)
  assert.equal((await one.read()).returns.length, 1)

  const other = await world.delivered({ quantity: 5 })
  const many = await Promise.all(
    Array.from({ length: MANY }, (_, n) =>
      other.ask([{ product_id: other.product_id, quantity: 2 }], {}, { 'idempotency-key': `many-${n}` }),
    ),
  )
  const codes = many.map(({ status, body }) => (status === 201 ? 'made' : body.code))
  assert.equal(codes.filter((code) => code === 'made').length, 2)
  assert.deepEqual([...new Set(codes)].sort(), ['made', 'more_than_bought'])
  assert.equal((await other.read()).returns.length, 2)
})

test('the repeat of a change under its key is answered alike, and the first answer of the order stays as it was', async () => {
  const { id, ask, move, product_id, again, levels } = await world.delivered({ quantity: 2 })
  const { id: one } = (await ask([{ product_id, quantity: 1 }])).body
  await move(one, { state: 'approved' })
  const key = { 'idempotency-key': 'received-1' }
  const first = await move(one, { state: 'received' }, key)
  const repeat = await move(one, { state: 'received' }, key)
  assert.deepEqual([repeat.status, repeat.text], [200, first.text])
  assert.deepEqual(await levels(), { available: 4, reserved: 0 })
  assert.equal((await move(one, { state: 'received' })).body.code, 'transition_not_allowed')
  const answered = await again()
  assert.deepEqual([answered.status, answered.body.id, answered.body.returns], [201, id, []])
})

test('an order that staff call returned takes no new returns; open ones are brought to their end', async () => {
  const { id, ask, move, product_id, read } = await world.delivered({ quantity: 2 })
  const { id: one } = (await ask([{ product_id, quantity: 1 }])).body
  assert.equal((await world.staff.put(`/orders/${id}`, { status: 'returned' })).status, 200)
  assert.equal((await ask([{ product_id, quantity: 1 }])).body.code, 'not_returnable')
  for (const state of ['approved', 'received', 'refunded'])
    assert.equal((await move(one, { state })).body.state, state)
  assert.deepEqual((await read()).status, 'returned')
})
