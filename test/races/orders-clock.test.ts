import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Nodes } from '../../src/kernel/nodes.ts'
import { ORDERS } from '../../src/shop/orders/schema.ts'
import type { Storage } from '../../src/storage/storage.ts'
import { newSku, newUser, ORDER, openStorage, PRODUCT, receive, startShop } from './orders-world.ts'

const HOUR_MS = 3_600_000

let storage: Storage
before(async () => {
  storage = await openStorage()
})
after(() => storage.close())

for (const nodes of ['one', 'several'] satisfies Nodes[]) {
  test(`an order that was left half-way before the clock was put back is driven on, with ${nodes}`, async () => {
    const sku = newSku()
    await receive(storage, sku, 1)
    const shop = startShop(storage, `run_${nodes}`, { nodes })
    const { order } = await shop.orders.place({
      user: newUser(),
      request: { ...ORDER, items: [{ product_id: PRODUCT, sku, quantity: 1 }] },
    })
    await shop.orders.idle()
    const orders = storage.collection(ORDERS)
    const read = async () => (await orders.get(order!.id))!
    const leftHalfWay = async (until: number) =>
      orders.replace({ ...(await read()), step: 'CONFIRMED', lease: { owner: 'run_dead', until } })
    if (nodes === 'several') {
      await leftHalfWay(Date.now() + HOUR_MS / 60)
      await shop.orders.recover()
      assert.equal((await read()).step, 'CONFIRMED', 'somebody may be at work')
    }
    await leftHalfWay(Date.now() + HOUR_MS)
    assert.deepEqual(await shop.orders.recover(), { found: 1, waiting: 0 })
    assert.equal((await read()).step, 'COMMITTED')
  })
}
