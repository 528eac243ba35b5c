import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { newId } from '../../src/kernel/ids.ts'
import { ORDERS } from '../../src/shop/orders/schema.ts'
import { rests } from '../../src/shop/orders/step-rules.ts'
import type { Storage } from '../../src/storage/storage.ts'
import { type Death, mortal } from './orders-kill.ts'
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

/** More writes than any story makes; a story that survives so many ends the search. */
const MAX_WRITES = 40

let storage: Storage
before(async () => {
  storage = await openStorage()
})
after(() => storage.close())

interface Story {
  title: string
  stock: number
  /** What the killed process was doing. */
  tell(shop: World, user: ReturnType<typeof newUser>): Promise<void>
  /** What may be sold in the end. */
  sold: number[]
}

const KEY = { key: 'k-1', fingerprint: 'f-1' }

async function orderTwo(shop: World, user: ReturnType<typeof newUser>, sku: string) {
  return shop.orders.place({
    user,
    request: { ...ORDER, items: [{ product_id: PRODUCT, sku, quantity: 2 }] },
    key: KEY,
  })
}

function stories(sku: string): Story[] {
  return [
    {
      title: 'an order',
      stock: 5,
      sold: [0, 2],
      async tell(shop, user) {
        await orderTwo(shop, user, sku)
        await shop.orders.idle()
      },
    },
    {
      title: 'an order that is short',
      stock: 1,
      sold: [0],
      async tell(shop, user) {
        await orderTwo(shop, user, sku)
      },
    },
    {
      title: 'an order and its cancel at once',
      stock: 5,
      sold: [0, 2],
      async tell(shop, user) {
        const { order } = await orderTwo(shop, user, sku)
        await shop.orders.cancel({ principal: user, id: order!.id, request: {}, operation: newId('op') })
        await shop.orders.idle()
      },
    },
    {
      title: 'an order and its cancel at rest',
      stock: 5,
      sold: [0, 2],
      async tell(shop, user) {
        const { order } = await orderTwo(shop, user, sku)
        await shop.orders.idle()
        await shop.orders.cancel({ principal: user, id: order!.id, request: {}, operation: newId('op') })
      },
    },
  ]
}

async function survive(make: (sku: string) => Story, death: Death): Promise<boolean> {
  const sku = newSku()
  const story = make(sku)
  const user = newUser()
  await receive(storage, sku, story.stock)
  const first = mortal(storage, death)
  await story.tell(startShop(first.storage, newId('run')), user).catch(() => {})
  if (!first.died()) return true

  const shop = startShop(storage, newId('run'))
  const { waiting } = await shop.orders.recover()
  assert.equal(waiting, 0)
  const [level] = await storage.stock.getMany([{ product_id: PRODUCT, sku }])
  const where = `${story.title}, killed ${death.when} write ${death.write}`
  assert.equal(level!.reserved, 0, `${where}: something is reserved at rest`)
  assert.equal(level!.available + level!.sold, story.stock, `${where}: pieces are gone`)
  assert.ok(story.sold.includes(level!.sold), `${where}: ${level!.sold} sold`)
  const order = await storage.collection(ORDERS).getBy('idem', [user.id, KEY.key])
  assert.ok(!order || rests(order), `${where}: the order is at ${order?.step}`)
  assert.equal(level!.sold, order?.step === 'COMMITTED' ? 2 : 0, where)

  const again = await orderTwo(shop, user, sku)
  await shop.orders.idle()
  assert.equal(again.replayed, order !== undefined, `${where}: replayed`)
  if (order && again.order) assert.equal(again.order.id, order.id, `${where}: another order for the same key`)
  return false
}

for (const [index, { title }] of stories('').entries()) {
  test(`${title}: wherever the process dies, recovery finishes or undoes it, and the key gives the same order`, async () => {
    for (const when of ['before', 'after'] as const) {
      let write = 1
      while (!(await survive((sku) => stories(sku)[index]!, { write, when }))) {
        write++
        assert.ok(write < MAX_WRITES, 'the story never ends')
      }
      assert.ok(write > 4, `only ${write} writes: the story did not happen`)
    }
  })
}

test('a cart is emptied once its order is RESERVED, wherever the process dies, and orderable again if it never was', async () => {
  for (let write = 1; ; write++) {
    assert.ok(write < MAX_WRITES, 'the story never ends')
    const sku = newSku()
    const user = newUser()
    await receive(storage, sku, 3)
    await startShop(storage, newId('run')).carts.addItem({
      principal: user,
      item: { product_id: PRODUCT, sku, quantity: 2 },
    })
    const first = mortal(storage, { write, when: 'after' })
    const placing = { user, request: ORDER, key: KEY }
    const dying = startShop(first.storage, newId('run'))
    await dying.orders.place(placing).catch(() => {})
    await dying.orders.idle()
    if (!first.died()) break
    const shop = startShop(storage, newId('run'))
    await shop.orders.recover()
    const { order } = await shop.orders.place(placing)
    assert.equal(order?.status, 'confirmed')
    assert.equal(await shop.carts.forOrder(user), undefined)
    const { items } = await shop.orders.list(user, {}, { limit: 10 })
    assert.equal(items.length, 1)
  }
})
