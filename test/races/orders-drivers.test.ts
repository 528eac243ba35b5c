import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { systemClock } from '../../src/kernel/clock.ts'
import { newId } from '../../src/kernel/ids.ts'
import { createInventory } from '../../src/shop/inventory/inventory.ts'
import { createDriver } from '../../src/shop/orders/driver.ts'
import { createPaying } from '../../src/shop/orders/paying.ts'
import { pendingOrder } from '../../src/shop/orders/placing-rules.ts'
import { ORDERS } from '../../src/shop/orders/schema.ts'
import type { Storage } from '../../src/storage/storage.ts'
import { ORDER, openStorage, PRICE, PRODUCT } from './orders-world.ts'

let storage: Storage
before(async () => {
  storage = await openStorage()
})
after(() => storage.close())

test('a driver that found the stock short keeps its refusal, though another finds enough a moment later', async () => {
  const clock = systemClock
  const inventory = createInventory({ storage, nodes: 'one', clock })
  const orders = storage.collection(ORDERS)
  const carts = { emptying: async () => async () => {} }
  const receive = (sku: string, delta: number) =>
    inventory.change({
      product_id: PRODUCT,
      sku,
      request: { delta },
      operation_id: newId('op', clock.now()),
      actor: 'usr_staff',
    })
  await receive('PLENTY', 5)
  await receive('SCARCE', 1)
  const line = (sku: string, quantity: number) => ({
    ...{ product_id: PRODUCT, sku, name: sku, options: {}, quantity, product_version: 1 },
    ...{ unit_price: PRICE, line_total: PRICE * quantity },
  })
  const driver = (door: Pick<typeof inventory, 'reserve' | 'release' | 'commit' | 'restock' | 'takeIn'>) =>
    createDriver({
      ...{ orders, inventory: door, carts, nodes: 'one', clock, start_id: 'run_now' },
      ...{
        paying: createPaying({
          provider: undefined,
          breaker: { heard() {}, silent() {}, mayAsk: () => true },
          logger: console,
        }),
        hold_ms: 1,
      },
    })
  const order = await orders.insert(
    pendingOrder(
      {
        ...{
          id: newId('ord', clock.now()),
          number: 'ABCDEFGH',
          user_id: newId('usr', clock.now()),
          request: ORDER,
        },
        ...{
          currency: 'USD',
          lines: [line('PLENTY', 1), line('SCARCE', 2)],
          charges: { shipping: 0, tax: 0, tax_included: 0, tax_rate_ppm: 0, total: PRICE * 3 },
          idem: { key: 'k', fingerprint: 'f' },
        },
      },
      driver(inventory).mark(),
    ),
  )

  const foundShort = Promise.withResolvers<void>()
  const foundEnough = Promise.withResolvers<void>()
  const first = driver({
    ...inventory,
    async reserve(wanted) {
      const verdicts = await inventory.reserve(wanted)
      foundShort.resolve()
      await foundEnough.promise
      return verdicts
    },
  })
  const second = driver({
    ...inventory,
    async reserve(wanted) {
      const verdicts = await inventory.reserve(wanted)
      foundEnough.resolve()
      // The other one writes what it found first.
      while ((await orders.get(order.id))?.step === 'PENDING') await setImmediate()
      return verdicts
    },
  })
  const refusing = first.advance(order)
  await foundShort.promise
  await receive('SCARCE', 5)
  await Promise.all([refusing, second.advance(order)])

  const { history } = (await orders.get(order.id))!
  const path = history.map((entry) => entry.step).join(' ')
  const stock = await inventory.ofProducts([PRODUCT])
  const of = (sku: string) => stock.find((level) => level.sku === sku)!
  assert.equal(path, 'PENDING CANCELLING CANCELLED')
  assert.deepEqual([of('PLENTY').reserved, of('SCARCE').reserved], [0, 0])
  assert.deepEqual([of('PLENTY').sold, of('SCARCE').sold], [0, 0], path)
})
