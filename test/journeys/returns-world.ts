import assert from 'node:assert/strict'
import { comingAgain } from '../support/come-again.ts'
import type { Answer, Body } from '../support/http-client.ts'
import type { RunningShop, SignedInClient } from '../support/shop.ts'
import { until } from '../support/until.ts'

const ADDRESS = { name: 'Ann', line1: 'High Street 1', city: 'Leeds', postal_code: 'LS1', country: 'GB' }
export const usd = (amount: number) => ({ amount, currency: 'USD' })

/** An order that a customer has, of a lamp for 20 dollars. */
export interface Delivered {
  ann: SignedInClient
  id: string
  product_id: string
  ask(items: object[], more?: object, headers?: Record<string, string>): Promise<Answer>
  move(return_id: string, change: object, headers?: Record<string, string>): Promise<Answer>
  read(by?: SignedInClient): Promise<Body>
  /** The request that made the order, once more. */
  again(): Promise<Answer>
  /** Another order of one lamp, in cash; its id. */
  place(): Promise<string>
  levels(): Promise<{ available: number; reserved: number }>
}

export interface DeliveredWorld {
  staff: SignedInClient
  delivered(wanted: { quantity: number; cash?: true }): Promise<Delivered>
}

/** Somebody on the staff, and customers whose lamps were brought; at least one lamp is left in stock. */
export async function openDeliveredWorld(shop: RunningShop): Promise<DeliveredWorld> {
  const staff = await shop.asStaff()
  return {
    staff,
    async delivered({ quantity, cash }) {
      const stock = Math.max(5, quantity + 1)
      const fields = { status: 'active', name: 'Lamp', price: usd(2_000), stock }
      const product_id = (await staff.post('/products', fields)).body.id
      const ann = await shop.registerCustomer()
      const payment_method = cash ? 'cash_on_delivery' : 'card'
      const order = { shipping_address: ADDRESS, payment_method, items: [{ product_id, quantity }] }
      const again = () => ann.post('/orders', order, { 'idempotency-key': 'the-order' })
      const { id } = (await again()).body
      const levels = async () => {
        const { available, reserved } = (await staff.get(`/products/${product_id}/stock`)).body.items[0]
        return { available, reserved }
      }
      if (!cash)
        assert.equal((await ann.post(`/orders/${id}/payments`, { method: 'tok_success' })).status, 201)
      await until(async () => (await levels()).reserved === 0)
      for (const status of ['processing', 'shipped', 'delivered'])
        assert.equal((await staff.put(`/orders/${id}`, { status })).status, 200)
      return {
        ...{ ann, id, product_id, again, levels },
        ask: (items, more = {}, headers = {}) =>
          comingAgain(() => ann.post(`/orders/${id}/returns`, { items, ...more }, headers)),
        move: (return_id, change, headers = {}) =>
          staff.request('PUT', `/orders/${id}/returns/${return_id}`, { body: change, headers }),
        read: async (by = ann) => (await by.get(`/orders/${id}`)).body,
        async place() {
          const one = { ...order, payment_method: 'cash_on_delivery', items: [{ product_id, quantity: 1 }] }
          return (await ann.post('/orders', one)).body.id
        },
      }
    },
  }
}
