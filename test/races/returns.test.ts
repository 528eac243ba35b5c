import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { isRefusal } from '../../src/kernel/errors.ts'
import { newId } from '../../src/kernel/ids.ts'
import type { Storage } from '../../src/storage/storage.ts'
import { until } from '../support/until.ts'
import { mortal } from './orders-kill.ts'
import { openStorage, PRICE, PRODUCT, startShop, type World } from './orders-world.ts'
import { approved, deliver, openProvider, staff, takeOver } from './returns-world.ts'

const MANY = 50
const CARD = { payment_method: 'card' } as const
const ROUNDS = 10
/** More writes than receiving a return makes. */
const MAX_WRITES = 10

let storage: Storage
let provider: ReturnType<typeof openProvider>
let shop: World
before(async () => {
  storage = await openStorage()
  provider = openProvider()
  shop = startShop(storage, newId('run'), { provider })
})
after(async () => {
  await shop.orders.idle()
  await provider.close()
  await storage.close()
})

const codeOf = (error: unknown) => (isRefusal(error) ? error.code : String(error))

test('returns that are asked for on two nodes at once never come to more than was bought', async () => {
  const order = await deliver({ storage, shop }, 5)
  const nodes = [1, 2].map(() => startShop(storage, newId('run'), { nodes: 'several' }))
  const asked = await Promise.allSettled(
    Array.from({ length: MANY }, (_, at) => order.ask(2, { by: nodes[at % 2]! })),
  )
  const lost = asked.flatMap((one) => (one.status === 'rejected' ? [codeOf(one.reason)] : []))
  assert.equal(lost.length, MANY - 2)
  assert.deepEqual([...new Set(lost)], ['more_than_bought'])
  assert.equal((await order.read()).returns.length, 2)

  const operation = newId('op')
  const same = await Promise.all(
    Array.from({ length: MANY }, (_, at) => order.ask(1, { by: nodes[at % 2]!, operation })),
  )
  assert.equal(new Set(same.map((one) => JSON.stringify(one))).size, 1)
  assert.equal((await order.read()).returns.length, 3)
})

test('a refund of all and the refund of a return at once: one comes to nothing, and no more is given back than was taken', async () => {
  const nodes = [1, 2].map(() => startShop(storage, newId('run'), { nodes: 'several', provider }))
  for (let round = 0; round < ROUNDS; round++) {
    const order = await deliver({ storage, shop }, 2, CARD)
    const one = await approved(order, 1)
    await order.move(one, { state: 'received' })
    const all = { amount: { amount: 2 * PRICE, currency: 'USD' }, reason: 'All of it' }
    const wishes = [
      () => order.move(one, { state: 'refunded' }, { by: nodes[0]! }),
      () => nodes[1]!.orders.refund({ principal: staff, id: order.id, request: all, operation: newId('op') }),
    ]
    const ran = await Promise.allSettled((round % 2 ? wishes : wishes.reverse()).map((wish) => wish()))
    const lost = ran.filter((outcome) => outcome.status === 'rejected').map(({ reason }) => codeOf(reason))
    const { returns, ledger } = await order.read()
    const left = ledger.reduce((sum, { amount }) => sum + amount.amount, 0)
    // Where all was given back before the other looked, the return has nothing left to give back and is at its end.
    if (lost.length === 0) assert.deepEqual([left, returns[0]!.state], [0, 'refunded'])
    else {
      assert.deepEqual(lost, ['not_refundable'])
      assert.equal(left, returns[0]!.state === 'refunded' ? PRICE : 0)
    }
    assert.equal(ledger.length, 2, 'money was taken once and given back once')
    const [object] = (await provider.list(0, null, 1_000)).filter(({ order_id }) => order_id === order.id)
    assert.equal(object!.captured - object!.refunded, left)
  }
})

test('one return is paid back once, however many ask for it at once', async () => {
  const order = await deliver({ storage, shop }, 2, CARD)
  const one = await approved(order, 1)
  await order.move(one, { state: 'received' })
  const nodes = [1, 2].map(() => startShop(storage, newId('run'), { nodes: 'several', provider }))
  const amount = { amount: 1, currency: 'USD' }
  const asked = await Promise.allSettled(
    Array.from({ length: MANY }, (_, at) =>
      order.move(one, { state: 'refunded', amount }, { by: nodes[at % 2]! }),
    ),
  )
  const lost = asked.flatMap((outcome) => (outcome.status === 'rejected' ? [codeOf(outcome.reason)] : []))
  assert.equal(lost.length, MANY - 1)
  assert.deepEqual(
    lost.filter((code) => code !== 'refund_in_progress' && code !== 'transition_not_allowed'),
    [],
  )
  const { returns, refunds } = await order.read()
  assert.deepEqual([returns[0]!.state, refunds.length, refunds[0]!.amount], ['refunded', 1, amount])
})

test('wherever the process dies that receives a return, its goods are back in the stock once', async () => {
  await dieReceiving(deliver, { sold: 3, leftSold: 1 })
})

test('wherever it dies that receives what another shop sold, its goods come in once and count for nothing sold', async () => {
  await dieReceiving(takeOver, { sold: 0, leftSold: 0 })
})

/** Dies at every write of receiving a return of three pieces, of which two are sold again. */
async function dieReceiving(
  bring: typeof deliver | typeof takeOver,
  { sold, leftSold }: { sold: number; leftSold: number },
) {
  for (const when of ['before', 'after'] as const) {
    let write = 1
    for (; ; write++) {
      assert.ok(write < MAX_WRITES, 'the story never ends')
      const order = await bring({ storage, shop }, 3)
      const one = await approved(order, 3)
      const dying = mortal(storage, { write, when })
      const counted = { product_id: PRODUCT, restocked: 2, written_off: 1 }
      const operation = newId('op')
      const receive = (by: World) =>
        order.move(one, { state: 'received', items: [counted] }, { by, operation })
      await receive(startShop(dying.storage, newId('run'))).catch(() => {})
      if (!dying.died()) break

      // Whoever comes by finishes it, any number at once.
      const others = [1, 2, 3].map(() => startShop(storage, newId('run')))
      for (const { waiting } of await Promise.all(others.map(({ orders }) => orders.recover())))
        assert.equal(waiting, 0)
      const where = `killed ${when} write ${write}`
      const { returns, status } = await order.read()
      const taken = returns[0]!.state === 'received'
      assert.equal(status, taken ? 'returned' : 'delivered', where)
      const back = { available: 2, reserved: 0, sold: leftSold }
      assert.deepEqual(await order.stock(), taken ? back : { available: 0, reserved: 0, sold }, where)
      assert.equal((await receive(others[0]!)).state, 'received', where)
      assert.deepEqual(await order.stock(), back, `${where}, and asked for again`)
    }
    assert.ok(write > 3, `only ${write - 1} writes: the story did not happen`)
  }
}

test('a refund that the provider refuses leaves the return received, to be tried again', async () => {
  const order = await deliver({ storage, shop }, 2, CARD)
  const one = await approved(order, 1)
  await order.move(one, { state: 'received' })
  const refusing = startShop(storage, newId('run'), {
    provider: { ...provider, refund: async () => ({ outcome: 'refused', code: 'declined' }) },
  })
  const refused = await order.move(one, { state: 'refunded' }, { by: refusing })
  assert.deepEqual([refused.state, refused.refund?.state], ['received', 'failed'])
  assert.deepEqual(refused.allowed_transitions, ['refunded'])
  const refunded = await order.move(one, { state: 'refunded' })
  assert.deepEqual([refunded.state, refunded.refund?.amount.amount], ['refunded', PRICE])
})

test('while a provider is not heard of its return is under way, and goods come back all the same', async () => {
  const order = await deliver({ storage, shop }, 2, CARD)
  const [one, other] = [await approved(order, 1), await approved(order, 1)]
  await order.move(one, { state: 'received' })
  const silent = startShop(storage, newId('run'), {
    provider: { ...provider, refund: async () => ({ outcome: 'unknown', reason: 'silence' }) },
  })
  const operation = newId('op')
  const asked = await order.move(one, { state: 'refunded' }, { by: silent, operation })
  assert.deepEqual([asked.state, asked.refund?.state], ['received', 'processing'])
  assert.deepEqual(asked.allowed_transitions, [])
  await assert.rejects(
    order.move(one, { state: 'refunded' }),
    (error) => codeOf(error) === 'refund_in_progress',
  )
  assert.equal(
    (await order.move(one, { state: 'refunded' }, { by: silent, operation })).refund?.id,
    asked.refund?.id,
  )
  await order.move(other, { state: 'received' }, { by: silent })
  assert.deepEqual(await order.stock(), { available: 2, reserved: 0, sold: 0 })
  await until(async () => {
    await shop.orders.recover()
    return (await order.read()).returns[0]!.state === 'refunded'
  })
  assert.equal((await order.read()).refunds.length, 1)
})

test('stock that cannot be changed keeps neither the money waiting nor other goods', async () => {
  const order = await deliver({ storage, shop }, 1, { ...CARD, kinds: 2 })
  const [frozen, other] = order.skus as [string, string]
  const one = await approved(order, 1)
  await storage.stock.freeze({ product_id: PRODUCT, sku: frozen })
  const operation = newId('op')
  const receive = () => order.move(one, { state: 'received' }, { operation })
  await assert.rejects(receive, (error) => codeOf(error) === 'order_waits')
  await assert.rejects(receive, (error) => codeOf(error) === 'order_waits')
  assert.equal((await order.move(one, { state: 'refunded' })).state, 'refunded')
  const second = await approved(order, 1, other)
  assert.equal((await order.move(second, { state: 'received' })).state, 'received')
  assert.deepEqual(await order.stock(frozen), { available: 0, reserved: 0, sold: 1 })
  assert.deepEqual(await order.stock(other), { available: 1, reserved: 0, sold: 0 })
  const { found, waiting } = await startShop(storage, newId('run')).orders.recover()
  assert.deepEqual([found, waiting], [1, 1])
})
