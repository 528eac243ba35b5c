import assert from 'node:assert/strict'
import { test } from 'node:test'
import { INBOX } from '../../src/shop/webhooks/schema.ts'
import { cardShop } from '../journeys/card-world.ts'
import { until } from '../support/until.ts'
import { besideShop, deliver, noticeOf, signed, WEBHOOK_SECRET } from '../support/webhooks.ts'

const world = cardShop({ TEST_PROVIDER_SECRET: WEBHOOK_SECRET })
const seconds = () => Math.floor(world.now() / 1_000)
const inbox = () => world.shop().application.storage.collection(INBOX)
const stored = async () => (await inbox().count({ index: 'received' })).value
const settled = () => until(async () => (await inbox().count({ index: 'due' })).value === 0)
const send = (body: string) => deliver(world.shop(), body, signed(body, { at: seconds() }))
const attention = async () => (await world.staff().get('/admin/attention')).body.items

test('API10-01 a delivery without a signature, with a wrong one, or with that of another endpoint is refused and leaves nothing', async () => {
  const { order } = await world.held()
  const body = noticeOf(order)
  const before = await stored()
  const other = signed(body, { secret: 'of another endpoint', at: seconds() })
  for (const signature of [undefined, '', 'v1=00', `t=${seconds()},v1=zz`, `t=${seconds()}`, other]) {
    const { status, code } = await deliver(world.shop(), body, signature)
    assert.deepEqual([status, code], [400, 'webhook_refused'], String(signature))
  }
  assert.equal(await stored(), before)
  const figures = await (await fetch(`${world.shop().url}/metrics`)).text()
  assert.match(figures, /tradewind_webhooks_refused [6-9]/)
  const elsewhere = await world.shop().asGuest().post('/payments/webhooks/nobody', {})
  assert.equal(elsewhere.status, 404)
})

test('API10-02 a signature of 301 s ago or ahead is refused', async () => {
  const { order } = await world.held()
  const body = noticeOf(order)
  for (const [off, status] of [
    [-301, 400],
    [302, 400],
    [-290, 204],
    [290, 204],
  ] as const)
    assert.equal(
      (await deliver(world.shop(), body, signed(body, { at: seconds() + off }))).status,
      status,
      `${off} s`,
    )
})

test('API10-03 the signature is over the bytes: one changed, or the same written otherwise, is refused', async () => {
  const { order } = await world.held()
  const body = noticeOf(order)
  const signature = signed(body, { at: seconds() })
  const changed = body.replace(/"amount":(\d)/, (_, digit) => `"amount":${(Number(digit) + 1) % 10}`)
  assert.notEqual(changed, body)
  assert.equal((await deliver(world.shop(), changed, signature)).status, 400)
  const again = JSON.stringify(JSON.parse(body), null, 1)
  assert.equal((await deliver(world.shop(), again, signature)).status, 400)
  assert.equal((await deliver(world.shop(), body, signature)).status, 204)
})

test('API10-04 of several signatures while a secret is replaced one that is right suffices', async () => {
  const { order } = await world.held()
  const body = noticeOf(order)
  const [, right] = signed(body, { at: seconds() }).split(',')
  const [time, old] = signed(body, { secret: 'the secret of before', at: seconds() }).split(',')
  assert.equal((await deliver(world.shop(), body, `${time},${old},${right}`)).status, 204)
})

test('API10-05 one notice sent 100 times at once is taken every time and looked at once', async () => {
  const { order, pay, read } = await world.held()
  const asked = (await pay('tok_requires_action')).body
  const beside = besideShop(world.shop(), world.now)
  beside.inside.act(asked.action.url.split('/').at(-1), true)
  await beside.close()
  const body = noticeOf(order, { id: undefined })
  const own = JSON.parse(body)
  own.object.id = (await objectOf(order.id)).id
  const before = await stored()
  const answers = await Promise.all(Array.from({ length: 100 }, () => send(JSON.stringify(own))))
  assert.deepEqual([...new Set(answers.map(({ status }) => status))], [204])
  await until(async () => (await read()).payment_status === 'paid')
  await settled()
  assert.equal(await stored(), before + 1)
  const told = await world.toldOf(order.id, 'ecommerce-payments')
  assert.deepEqual(told, ['payment_success'])
  assert.equal((await read()).ledger.length, 1)
})

test('API10-06 notices out of order leave the order as those in order do', async () => {
  const { order, pay, read, product_id } = await world.held()
  const asked = (await pay('tok_requires_action')).body
  const { id } = await objectOf(order.id)
  const total = order.total.amount
  for (const [type, change] of [
    ['refund.done', { state: 'captured', captured: total, refunded: total }],
    ['capture.done', { state: 'captured', captured: total }],
    ['authorise.done', { state: 'authorised' }],
  ] as const) {
    const notice = { ...JSON.parse(noticeOf(order, { id, ...change })), type }
    assert.equal((await send(JSON.stringify(notice))).status, 204)
  }
  await settled()
  assert.deepEqual([(await read()).status, (await read()).payment_status], ['pending', 'processing'])
  assert.equal(await world.act(asked.action.url, true), 204)
  assert.equal((await pay()).body.state, 'succeeded')
  await until(async () => (await world.stockOf(product_id)).reserved === 0)
  assert.deepEqual([(await read()).payment_status, (await read()).refunds], ['paid', []])
})

test('API10-07 notices of unknown orders and of unknown types are kept; staff see those of no order', async () => {
  const { order } = await world.held()
  const foreign = noticeOf({ ...order, id: 'ord_01jzzzzzzzzzzzzzzzzzzzzzzz' })
  const odd = JSON.stringify({ id: `tpn_odd_${seconds()}`, type: 'payout.paid' })
  for (const body of [foreign, odd]) assert.equal((await send(body)).status, 204)
  await settled()
  const outcomeOf = async (body: string) => (await inbox().get(`test:${JSON.parse(body).id}`))!.outcome
  assert.deepEqual([await outcomeOf(foreign), await outcomeOf(odd)], ['unknown_order', 'other_type'])
  const items = await attention()
  assert.ok(items.some(({ message }: { message: string }) => message.includes(JSON.parse(foreign).id)))
  assert.ok(!items.some(({ message }: { message: string }) => message.includes(JSON.parse(odd).id)))
})

test('API10-08 a notice of another amount or currency moves no order; staff see it', async () => {
  for (const change of [{ amount: 1 }, { currency: 'EUR' }]) {
    const { order, pay, read } = await world.held()
    await pay('tok_requires_action')
    const { id } = await objectOf(order.id)
    assert.equal((await send(noticeOf(order, { id, ...change }))).status, 204)
    await settled()
    assert.deepEqual([(await read()).status, (await read()).payment_status], ['pending', 'processing'])
    const found = (await attention()).find(({ order_id }: { order_id: string }) => order_id === order.id)
    assert.equal(found.kind, 'payment_mismatch')
  }
})

test('API10-01 what is signed and is no notice is refused; what is too large is not read', async () => {
  for (const body of ['[]', '{}', 'no', '{"id":1,"type":"x"}', '{"id":"x","type":"y","object":{"id":"z"}}'])
    assert.equal((await send(body)).status, 400, body)
  const large = JSON.stringify({ id: 'x', type: 'x'.repeat(300 * 1024) })
  assert.equal((await send(large)).status, 413)
})

async function objectOf(order_id: string) {
  const beside = besideShop(world.shop(), world.now)
  const found = (await beside.list(0, null, 1_000)).find((object) => object.order_id === order_id)
  await beside.close()
  return found!
}
