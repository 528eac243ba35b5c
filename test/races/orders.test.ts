import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { isRefusal } from '../../src/kernel/errors.ts'
import { newId } from '../../src/kernel/ids.ts'
import { ORDERS } from '../../src/shop/orders/schema.ts'
import type { Storage } from '../../src/storage/storage.ts'
import { crowd } from '../support/pair.ts'
import {
  newSku,
  newUser,
  ORDER,
  openStorage,
  PRODUCT,
  receive,
  startShop,
  type World,
} from './orders-world.ts'

let storage: Storage
let shop: World
before(async () => {
  storage = await openStorage()
  shop = startShop(storage, newId('run'))
})
after(async () => {
  await shop.orders.idle()
  await storage.close()
})

const staff = { ...newUser(), role: 'admin' as const }

function want(sku: string, quantity = 1) {
  return { ...ORDER, items: [{ product_id: PRODUCT, sku, quantity }] }
}

async function stockOf(sku: string) {
  await shop.orders.idle()
  const [level] = await storage.stock.getMany([{ product_id: PRODUCT, sku }])
  const { available, reserved, sold } = level!
  return { available, reserved, sold }
}

test('of many buyers of the last piece one gets it, and the others hear what is left', async () => {
  const sku = newSku()
  const buyers = crowd(1_000)
  await receive(storage, sku, 1)
  const answers = await Promise.all(
    Array.from({ length: buyers }, () => shop.orders.place({ user: newUser(), request: want(sku) })),
  )
  assert.equal(answers.filter(({ order }) => order).length, 1)
  const refused = answers.filter(({ refusal }) => refusal?.code === 'insufficient_stock')
  assert.equal(refused.length, buyers - 1)
  assert.deepEqual(refused[0]!.refusal!.details.extra!.lines, [
    { product_id: PRODUCT, sku, quantity: 1, available: 0 },
  ])
  assert.deepEqual(await stockOf(sku), { available: 0, reserved: 0, sold: 1 })
})

test('the same key fifty times at once makes one order and fifty equal answers', async () => {
  const sku = newSku()
  await receive(storage, sku, 100)
  const placing = { user: newUser(), request: want(sku), key: { key: newId('op'), fingerprint: 'f' } }
  const answers = await Promise.all(Array.from({ length: 50 }, () => shop.orders.place(placing)))
  assert.equal(new Set(answers.map(({ order }) => JSON.stringify(order))).size, 1)
  assert.equal(answers.filter(({ replayed }) => !replayed).length, 1)
  assert.deepEqual(await stockOf(sku), { available: 99, reserved: 0, sold: 1 })
  await assert.rejects(
    shop.orders.place({ ...placing, key: { ...placing.key, fingerprint: 'other' } }),
    (error) => isRefusal(error, 'idempotency_key_reused'),
  )
})

test('the same key fifty times at once for something that is short is refused fifty times alike', async () => {
  const sku = newSku()
  await receive(storage, sku, 1)
  const placing = { user: newUser(), request: want(sku, 2), key: { key: newId('op'), fingerprint: 'f' } }
  const answers = await Promise.all(Array.from({ length: 50 }, () => shop.orders.place(placing)))
  assert.deepEqual([...new Set(answers.map(({ refusal }) => refusal?.code))], ['insufficient_stock'])
  await receive(storage, sku, 5)
  const again = await shop.orders.place(placing)
  assert.deepEqual([again.refusal?.code, again.replayed], ['insufficient_stock', true])
  assert.deepEqual(await stockOf(sku), { available: 6, reserved: 0, sold: 0 })
})

test('one cart under many keys at once becomes one order', async () => {
  const sku = newSku()
  await receive(storage, sku, 100)
  for (let round = 0; round < 20; round++) {
    const user = newUser()
    await shop.carts.addItem({ principal: user, item: { product_id: PRODUCT, sku, quantity: 2 } })
    const keys = Array.from({ length: 5 }, () => ({ key: newId('op'), fingerprint: 'f' }))
    const answers = await Promise.allSettled(
      keys.map((key) => shop.orders.place({ user, request: ORDER, key })),
    )
    const orders = answers.filter((answer) => answer.status === 'fulfilled' && answer.value.order)
    assert.equal(orders.length, 1)
    for (const answer of answers) {
      if (answer.status === 'rejected') assert.ok(isRefusal(answer.reason, 'cart_empty'))
      else if (!answer.value.order) assert.equal(answer.value.refusal?.code, 'cart_already_ordered')
    }
    assert.equal((await shop.orders.list(user, {}, { limit: 10 })).items.length, 1)
  }
  assert.deepEqual(await stockOf(sku), { available: 60, reserved: 0, sold: 40 })
})

test('a cart that was refused for stock is still there and can be ordered', async () => {
  const sku = newSku()
  await receive(storage, sku, 1)
  const user = newUser()
  await shop.carts.addItem({ principal: user, item: { product_id: PRODUCT, sku, quantity: 2 } })
  assert.equal((await shop.orders.place({ user, request: ORDER })).refusal?.code, 'insufficient_stock')
  assert.equal((await shop.carts.forOrder(user))?.lines.length, 1)
  await receive(storage, sku, 1)
  assert.ok((await shop.orders.place({ user, request: ORDER })).order)
  assert.equal(await shop.carts.forOrder(user), undefined)
})

test('cancel races with shipping: the order is given back or shipped, never both', async () => {
  const sku = newSku()
  await receive(storage, sku, 100)
  let shipped = 0
  for (let round = 0; round < 60; round++) {
    const user = newUser()
    const { order } = await shop.orders.place({ user, request: want(sku) })
    const change = (status: 'processing' | 'shipped') =>
      shop.orders.change({ principal: staff, id: order!.id, request: { status }, operation: newId('op') })
    const cancel = () =>
      shop.orders.cancel({ principal: user, id: order!.id, request: {}, operation: newId('op') })
    const ship = async () => {
      await change('processing')
      return change('shipped')
    }
    const pause = new Promise((resolve) => setTimeout(resolve, round % 6))
    const [shipping, cancelling] = await Promise.allSettled([
      ship(),
      round % 2 ? pause.then(cancel) : cancel(),
    ])
    assert.notEqual(shipping.status, cancelling.status)
    const lost = [shipping, cancelling].find((side) => side.status === 'rejected')
    assert.ok(isRefusal((lost as PromiseRejectedResult).reason, 'transition_not_allowed'))
    const end = await shop.orders.get(user, order!.id)
    assert.equal(end.status, shipping.status === 'fulfilled' ? 'shipped' : 'cancelled')
    if (shipping.status === 'fulfilled') shipped++
  }
  assert.deepEqual(await stockOf(sku), { available: 100 - shipped, reserved: 0, sold: shipped })
})

test('two drivers and a recovery on the same orders do nothing twice', async () => {
  const sku = newSku()
  const buyers = crowd(200)
  await receive(storage, sku, buyers)
  const others = [startShop(storage, newId('run')), startShop(storage, newId('run'))]
  const placed = Promise.all(
    Array.from({ length: buyers }, () => shop.orders.place({ user: newUser(), request: want(sku) })),
  )
  let running = true
  const recovering = others.map(async ({ orders }) => {
    while (running) {
      await orders.recover()
      await setImmediate()
    }
  })
  const answers = await placed.finally(() => {
    running = false
  })
  await Promise.all(recovering)
  await shop.orders.idle()
  assert.ok(answers.every(({ order }) => order?.status === 'confirmed'))
  assert.deepEqual(await stockOf(sku), { available: 0, reserved: 0, sold: buyers })
  const documents = await storage.collection(ORDERS).getMany(answers.map(({ order }) => order!.id))
  for (const { history, version, step } of documents) {
    assert.equal(step, 'COMMITTED')
    assert.deepEqual(
      history.map((entry) => entry.step),
      ['PENDING', 'RESERVED', 'CONFIRMED', 'COMMITTED'],
    )
    // RESERVED and CONFIRMED are one write.
    assert.equal(version, history.length - 1)
  }
})
