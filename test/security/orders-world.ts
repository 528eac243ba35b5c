import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { ORDERS } from '../../src/shop/orders/schema.ts'
import type { Answer, Client } from '../support/http-client.ts'
import { type RunningShop, type SignedInClient, startShop } from '../support/shop.ts'
import { until } from '../support/until.ts'

export const ADDRESS = {
  name: 'Ann',
  line1: 'High Street 1',
  city: 'Leeds',
  postal_code: 'LS1',
  country: 'GB',
}
export const CASH = { shipping_address: ADDRESS, payment_method: 'cash_on_delivery' }

export function usd(amount: number) {
  return { amount, currency: 'USD' }
}

export interface OrdersWorld {
  shop: RunningShop
  staff: SignedInClient
  product(fields?: object): Promise<string>
  order(client: Client, product_id: string, quantity?: number): Promise<Answer>
  /** One piece; asks again under its key, as a client does, until there is a definite answer. */
  orderSurely(client: Client, product_id: string): Promise<Answer>
  /** Expects this refusal as a problem document, and that staff see the same orders and stock before and after. */
  refused(
    client: Client,
    method: string,
    path: string,
    expected: [status: number, code?: string],
    body?: unknown,
  ): Promise<Answer>
  stop(): Promise<void>
}

/** A shop with somebody on its staff. */
export async function openOrdersWorld(): Promise<OrdersWorld> {
  const shop = await startShop()
  const staff = await shop.asStaff()
  const orders = shop.application.storage.collection(ORDERS)
  const allRest = async () => (await orders.list({ index: 'unsettled', limit: 1 })).items.length === 0
  const seen = async () => {
    // An order goes on to its rest behind its answer.
    await until(allRest)
    return (await staff.get('/orders?limit=100')).text
  }

  return {
    shop,
    staff,
    async product(fields = {}) {
      const defaults = { name: 'Lamp', status: 'active', price: usd(2_000), stock: 40 }
      const { status, body } = await staff.post('/products', { ...defaults, ...fields })
      assert.equal(status, 201)
      return body.id
    },
    order: (client, product_id, quantity = 1) =>
      client.post('/orders', { ...CASH, items: [{ product_id, quantity }] }),
    async orderSurely(client, product_id) {
      const key = { 'idempotency-key': randomUUID() }
      for (;;) {
        const body = { ...CASH, items: [{ product_id, quantity: 1 }] }
        const answer = await client.post('/orders', body, key).catch(passConnectionLost)
        if (answer && answer.status < 500 && answer.body.code !== 'in_progress') return answer
      }
    },
    async refused(client, method, path, [status, code], body) {
      const before = await seen()
      const answer = await client.request(method, path, { body })
      assert.equal(answer.status, status, `${method} ${path}: ${answer.text}`)
      assert.match(answer.headers.get('content-type') ?? '', /^application\/problem\+json/)
      assert.ok(answer.body.code && answer.body.request_id && !answer.body.stack)
      if (code) assert.equal(answer.body.code, code)
      assert.equal(await seen(), before, 'a refusal changes nothing')
      return answer
    },
    stop: () => shop.stop(),
  }
}

/** A busy machine closes connections that seem silent. */
function passConnectionLost(error: Error & { cause?: { code?: string } }): undefined {
  if (error.cause?.code !== 'ECONNRESET' && error.cause?.code !== 'UND_ERR_SOCKET') throw error
}
