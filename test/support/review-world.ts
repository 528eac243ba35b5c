import assert from 'node:assert/strict'
import type { Body, Client } from './http-client.ts'
import { type RunningShop, type SignedInClient, startShop } from './shop.ts'
import { until } from './until.ts'

const ADDRESS = { name: 'Ann', line1: 'High Street 1', city: 'Leeds', postal_code: 'LS1', country: 'GB' }
export const usd = (amount: number) => ({ amount, currency: 'USD' })
export const GOOD = { rating: 5, title: 'Bright', body: 'Lights the whole porch.' }

export interface ReviewWorld {
  shop: RunningShop
  staff: SignedInClient
  /** A product on sale; its id. */
  product(fields?: object): Promise<string>
  /** A customer to whom it was shipped. */
  buyer(product_id: string, name?: string): Promise<SignedInClient>
  /** Brings an order of the customer's to this status; its id. */
  order(customer: Client, product_id: string, status: 'confirmed' | 'processing' | 'shipped'): Promise<string>
  review(customer: Client, product_id: string, fields?: object): Promise<Body>
  /** What everybody sees of a product's reviews. */
  shown(product_id: string, query?: string): Promise<Body>
}

/** A shop with somebody on its staff, and customers who got what they write about. */
export async function openReviewWorld(environment: Record<string, string> = {}): Promise<ReviewWorld> {
  const shop = await startShop({ environment })
  const staff = await shop.asStaff()

  async function order(customer: Client, product_id: string, status: string): Promise<string> {
    const items = [{ product_id, quantity: 1 }]
    const made = await customer.post('/orders', {
      ...{ shipping_address: ADDRESS, payment_method: 'cash_on_delivery', items },
    })
    assert.equal(made.status, 201, made.text)
    const { id } = made.body
    // Until its pieces are sold, an order is on its way.
    const reserved = async () => (await staff.get(`/products/${product_id}/stock`)).body.items[0].reserved
    await until(async () => (await reserved()) === 0)
    const steps = ['confirmed', 'processing', 'shipped']
    for (const step of steps.slice(1, steps.indexOf(status) + 1)) {
      const moved = await staff.put(`/orders/${id}`, { status: step })
      assert.equal(moved.status, 200, moved.text)
    }
    return id
  }

  return {
    shop,
    staff,
    order,
    async product(fields = {}) {
      const defaults = { name: 'Lamp', status: 'active', price: usd(2_000), stock: 40 }
      const { status, body, text } = await staff.post('/products', { ...defaults, ...fields })
      assert.equal(status, 201, text)
      return body.id
    },
    async buyer(product_id, name = 'Ann Arbor') {
      const customer = await shop.registerCustomer({ name })
      await order(customer, product_id, 'shipped')
      return customer
    },
    async review(customer, product_id, fields = {}) {
      const { status, body, text } = await customer.post(`/products/${product_id}/reviews`, {
        ...{ ...GOOD, ...fields },
      })
      assert.equal(status, 201, text)
      return body
    },
    async shown(product_id, query = '') {
      const { status, body, text } = await shop.asGuest().get(`/products/${product_id}/reviews${query}`)
      assert.equal(status, 200, text)
      return body
    },
  }
}
