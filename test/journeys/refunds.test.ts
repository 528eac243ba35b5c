import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Answer, Body } from '../support/http-client.ts'
import { everything } from '../support/log.ts'
import { type RunningShop, type SignedInClient, startShop } from '../support/shop.ts'
import { until } from '../support/until.ts'

const ADDRESS = { name: 'Ann', line1: 'High Street 1', city: 'Leeds', postal_code: 'LS1', country: 'GB' }
const usd = (amount: number) => ({ amount, currency: 'USD' })
const MANY = 50

let shop: RunningShop
let staff: SignedInClient
before(async () => {
  shop = await startShop()
  staff = await shop.asStaff()
})
after(() => shop.stop())

interface Bought {
  ann: SignedInClient
  id: string
  read(by?: SignedInClient): Promise<Body>
  refund(amount?: number, key?: string): Promise<Answer>
}

/** An order of 40 dollars; by card it is paid. */
async function bought(payment_method: 'card' | 'cash_on_delivery'): Promise<Bought> {
  const fields = { status: 'active', name: 'Lamp', price: usd(2_000), stock: 5 }
  const product_id = (await staff.post('/products', fields)).body.id
  const ann = await shop.registerCustomer()
  const order = { shipping_address: ADDRESS, payment_method, items: [{ product_id, quantity: 2 }] }
  const { id } = (await ann.post('/orders', order)).body
  const read = async (by = ann) => (await by.get(`/orders/${id}`)).body
  if (payment_method === 'card') {
    assert.equal((await ann.post(`/orders/${id}/payments`, { method: 'tok_success' })).status, 201)
    await until(async () => (await read()).payment_status === 'paid')
    // At rest, when its stock has left the books.
    await until(async () => (await staff.get(`/products/${product_id}/stock`)).body.items[0].reserved === 0)
  }
  return {
    ...{ ann, id, read },
    refund: (amount, key) =>
      staff.post(
        `/orders/${id}/refunds`,
        { reason: 'Broken', ...(amount !== undefined && { amount: usd(amount) }) },
        key ? { 'idempotency-key': key } : {},
      ),
  }
}

const sumOf = (ledger: Body[]) => ledger.reduce((sum, { amount }) => sum + amount.amount, 0)

test('staff give back a part, and then the rest; customers see what and not why', async () => {
  const { ann, id, read, refund } = await bought('card')
  const part = await refund(1_500)
  assert.equal(part.status, 201, part.text)
  assert.deepEqual([part.body.state, part.body.amount, part.body.reason], ['succeeded', usd(1_500), 'Broken'])
  assert.equal((await read()).payment_status, 'partially_refunded')
  const much = await refund(2_501)
  assert.deepEqual([much.status, much.body.code, much.body.refundable], [409, 'not_refundable', usd(2_500)])
  assert.deepEqual((await refund()).body.amount, usd(2_500))
  const order = await read()
  assert.equal(order.payment_status, 'refunded')
  assert.equal(sumOf(order.ledger), 0)
  assert.deepEqual(
    order.refunds.map(({ reason }: Body) => reason),
    [null, null],
  )
  assert.deepEqual(
    (await read(staff)).refunds.map(({ reason }: Body) => reason),
    ['Broken', 'Broken'],
  )
  assert.equal((await refund()).body.code, 'not_refundable')
  assert.equal((await ann.post(`/orders/${id}/refunds`, { reason: 'mine' })).status, 403)
  await shop.caughtUp()
  const told = await everything(shop.application.log, ['ecommerce-payments'])
  assert.deepEqual(
    told
      .filter(({ event }) => event.subject === `orders/${id}`)
      .map(({ event }) => [event.type, event.sequence]),
    [
      ['payment_success', 1],
      ['payment_refunded', 2],
      ['payment_refunded', 3],
    ],
  )
})

test('what was given back stands in the figures beside the revenue, which it does not lower', async () => {
  const figures = async () => {
    await shop.caughtUp()
    const { refunds, revenue } = (await staff.get('/admin/stats')).body
    const sum = (given: Body[]) => given.reduce((all, { amount }) => all + amount, 0)
    return { refunds: sum(refunds), revenue: sum(revenue) }
  }
  const before = await figures()
  const { refund } = await bought('card')
  await refund(1_500)
  await refund(500)
  const after = await figures()
  assert.deepEqual(after, { refunds: before.refunds + 2_000, revenue: before.revenue + 4_000 })
})

test('API6-09 one refund sent many times at once is made once, and many at once never give back more than was taken', async () => {
  const one = await bought('card')
  const same = await Promise.all(Array.from({ length: MANY }, () => one.refund(3_000, 'refund-1')))
  const made = same.filter(({ status }) => status === 201)
  assert.ok(made.length > 0)
  assert.deepEqual(
    same.filter(({ status }) => status !== 201 && status !== 409).map(({ text }) => text),
    [],
  )
  assert.equal(new Set(made.map(({ body }) => body.id)).size, 1)
  assert.equal(sumOf((await one.read()).ledger), 1_000)

  const other = await bought('card')
  const many = await Promise.all(Array.from({ length: MANY }, (_, n) => other.refund(900, `many-${n}`)))
  assert.deepEqual(
    many.filter(({ status }) => status !== 201 && status !== 409).map(({ text }) => text),
    [],
  )
  await until(async () => (await other.read()).refunds.every(({ state }: Body) => state === 'succeeded'))
  const { ledger, refunds } = await other.read()
  assert.ok(refunds.length > 0 && refunds.length <= 4)
  assert.equal(sumOf(ledger), 4_000 - 900 * refunds.length)
})

test('an order of which a part was given back is cancelled with the rest', async () => {
  const { ann, id, read, refund } = await bought('card')
  await refund(1_000)
  assert.equal((await ann.post(`/orders/${id}/cancel`, {})).status, 200)
  await until(async () => (await read()).payment_status === 'refunded')
  const { ledger, status } = await read()
  assert.equal(status, 'cancelled')
  assert.deepEqual(
    ledger.map(({ amount }: Body) => amount.amount),
    [4_000, -1_000, -3_000],
  )
})

test('the money of an order by cash is recorded once it is on its way, and given back by hand', async () => {
  const { ann, id, read, refund } = await bought('cash_on_delivery')
  const record = () => staff.post(`/orders/${id}/payments/cash`, undefined)
  const early = await record()
  assert.deepEqual([early.status, early.body.code], [409, 'not_payable'])
  assert.equal((await refund()).body.code, 'not_refundable')
  await staff.put(`/orders/${id}`, { status: 'processing' })
  await staff.put(`/orders/${id}`, { status: 'shipped' })
  assert.equal((await ann.post(`/orders/${id}/payments/cash`, undefined)).status, 403)
  const recorded = await record()
  assert.equal(recorded.status, 201, recorded.text)
  assert.equal(recorded.body.payment_status, 'paid')
  assert.equal((await record()).body.code, 'not_payable')
  assert.equal((await refund(500)).body.state, 'succeeded')
  const order = await read()
  assert.deepEqual([order.payment_status, sumOf(order.ledger)], ['partially_refunded', 3_500])
})

test('what a refund asks for has to fit', async () => {
  const { id } = await bought('card')
  const ask = async (body: object) => (await staff.post(`/orders/${id}/refunds`, body)).body.code
  assert.equal(await ask({ amount: usd(1) }), 'invalid_body')
  assert.equal(await ask({ amount: usd(0), reason: 'x' }), 'invalid_body')
  assert.equal(await ask({ amount: { amount: 1, currency: 'EUR' }, reason: 'x' }), 'currency_mismatch')
})
