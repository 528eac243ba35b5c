import assert from 'node:assert/strict'
import { after, before } from 'node:test'
import type { Answer, Body } from '../support/http-client.ts'
import { everything } from '../support/log.ts'
import { type RunningShop, type SignedInClient, startShop } from '../support/shop.ts'

const ADDRESS = { name: 'Ann', line1: 'High Street 1', city: 'Leeds', postal_code: 'LS1', country: 'GB' }
export const CARD = { shipping_address: ADDRESS, payment_method: 'card' }
export const usd = (amount: number) => ({ amount, currency: 'USD' })

export interface Held {
  ann: SignedInClient
  order: Body
  product_id: string
  /** The request that made the order, once more. */
  again(): Promise<Answer>
  pay(method?: string, key?: string): Promise<Answer>
  read(): Promise<Body>
}

/** A shop of this file that sells lamps by card, and a clock that its tests move. */
export function cardShop(environment: Record<string, string> = {}) {
  let shop: RunningShop
  let staff: SignedInClient
  let now = Date.now()
  before(async () => {
    shop = await startShop({
      clock: { now: () => now },
      environment: { ACCESS_TOKEN_TTL: '1d', ...environment },
    })
    staff = await shop.asStaff()
  })
  after(() => shop.stop())

  return {
    shop: () => shop,
    staff: () => staff,
    now: () => now,
    pass(ms: number) {
      now += ms
    },
    /** A customer with an order of two lamps by card, not paid yet. */
    async held(): Promise<Held> {
      const fields = { status: 'active', name: 'Lamp', price: usd(2_000), stock: 5 }
      const product_id = (await staff.post('/products', fields)).body.id
      const ann = await shop.registerCustomer()
      const wanted = { ...CARD, items: [{ product_id, quantity: 2 }] }
      const again = () => ann.post('/orders', wanted, { 'idempotency-key': 'the-order' })
      const placed = await again()
      assert.equal(placed.status, 201, placed.text)
      const order = placed.body
      return {
        ...{ ann, order, product_id, again },
        pay: (method, key) =>
          ann.post(
            `/orders/${order.id}/payments`,
            method ? { method } : {},
            key ? { 'idempotency-key': key } : {},
          ),
        read: async () => (await ann.get(`/orders/${order.id}`)).body,
      }
    },
    async stockOf(product_id: string) {
      const { available, reserved } = (await staff.get(`/products/${product_id}/stock`)).body.items[0]
      return { available, reserved }
    },
    /** What the customer's browser does where the provider sent it. */
    async act(url: string, succeed: boolean): Promise<number> {
      return (await shop.asGuest().post(new URL(url, shop.url).pathname, { succeed })).status
    },
    /** Types of the events of an order, in order. */
    async toldOf(id: string, topic: 'ecommerce-orders' | 'ecommerce-payments'): Promise<string[]> {
      await shop.caughtUp()
      const found = await everything(shop.application.log, [topic])
      return found.filter(({ event }) => event.subject === `orders/${id}`).map(({ event }) => event.type)
    },
  }
}
