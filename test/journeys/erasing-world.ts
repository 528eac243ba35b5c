import assert from 'node:assert/strict'
import { ORDERS } from '../../src/shop/orders/schema.ts'
import { SETTLE_MS } from '../../src/shop/persons/schema.ts'
import type { Answer, Body } from '../support/http-client.ts'
import { type RunningShop, type SignedInClient, startShop } from '../support/shop.ts'
import { until } from '../support/until.ts'

export const usd = (amount: number) => ({ amount, currency: 'USD' })
export const HOME = { name: 'Ann', line1: 'High Street 1', city: 'Leeds', postal_code: 'LS1', country: 'GB' }

export interface ErasingWorld {
  shop: RunningShop
  owner: SignedInClient
  lamp: string
  /** An order in cash, delivered. */
  delivered(by: SignedInClient, more?: object): Promise<Body>
  /** Until the order is at rest, too. */
  deliver(order_id: string, more?: object): Promise<void>
  erase(user_id: string): Promise<Answer>
  /** As long as an erasure waits before its second look, or longer. */
  passTime(ms?: number): void
  /** Asks for it and lets the time pass that it takes. */
  eraseWholly(user_id: string): Promise<void>
  /** What staff see of the account. */
  account(user_id: string): Promise<Body>
}

/** A shop with a lamp to sell and a clock that is turned when somebody is erased. */
export async function openErasingWorld(environment: Record<string, string> = {}): Promise<ErasingWorld> {
  let ahead = 0
  const shop = await startShop({
    clock: { now: () => Date.now() + ahead },
    environment: { ACCESS_TOKEN_TTL: '1d', ...environment },
  })
  const owner = await shop.asSuper()
  const fields = { name: 'Lamp', status: 'active', price: usd(2_000), stock: 100 }
  const lamp = (await owner.post('/products', fields)).body.id
  const world: ErasingWorld = {
    ...{ shop, owner, lamp },
    async delivered(by, more = {}) {
      const items = [{ product_id: lamp, quantity: 1 }]
      const order = { items, payment_method: 'cash_on_delivery', shipping_address: HOME, ...more }
      const { status, body, text } = await by.post('/orders', order)
      assert.equal(status, 201, text)
      await world.deliver(body.id)
      return body
    },
    async deliver(order_id, more = {}) {
      for (const status of ['processing', 'shipped', 'delivered']) {
        // Behind its answer an order goes on to its rest.
        await until(async () => (await owner.put(`/orders/${order_id}`, { status, ...more })).status === 200)
      }
      const orders = shop.application.storage.collection(ORDERS)
      await until(async () => (await orders.get(order_id))!.step === 'COMMITTED')
    },
    erase: (user_id) => owner.delete(`/users/${user_id}`),
    passTime(ms = SETTLE_MS + 1_000) {
      ahead += ms
    },
    async eraseWholly(user_id) {
      const { status, body, text } = await world.erase(user_id)
      assert.deepEqual([status, body.status], [202, 'erasing'], text)
      world.passTime()
      await until(async () => (await world.account(user_id)).status === 'erased')
      await shop.caughtUp()
    },
    account: async (user_id) => (await owner.get(`/users/${user_id}`)).body,
  }
  return world
}
