import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { DOUBLE_KEY, type StripeDouble, startStripeDouble } from '../servers/stripe-double.ts'
import { type RunningShop, type SignedInClient, startShop } from '../support/shop.ts'
import { until } from '../support/until.ts'
import { RETURN_URL, WEBHOOK_SECRET } from './world.ts'

const ADDRESS = { name: 'Ann', line1: 'High Street 1', city: 'Leeds', postal_code: 'LS1', country: 'GB' }
const usd = (amount: number) => ({ amount, currency: 'USD' })

let double: StripeDouble
let shop: RunningShop
let staff: SignedInClient
before(async () => {
  double = await startStripeDouble()
  shop = await startShop({
    environment: {
      STRIPE_SECRET_KEY: DOUBLE_KEY,
      STRIPE_WEBHOOK_SECRET: WEBHOOK_SECRET,
      STRIPE_RETURN_URL: RETURN_URL,
      STRIPE_API_URL: double.url,
    },
  })
  staff = await shop.asStaff()
})
after(async () => {
  await shop?.stop()
  await double?.close()
})

/** A customer with an order of 20 dollars, not paid yet. */
async function held() {
  const fields = { status: 'active', name: 'Lamp', price: usd(2_000), stock: 5 }
  const product_id = (await staff.post('/products', fields)).body.id
  const ann = await shop.registerCustomer()
  const placed = { shipping_address: ADDRESS, payment_method: 'card', items: [{ product_id, quantity: 1 }] }
  const { id } = (await ann.post('/orders', placed)).body
  return {
    id,
    pay: (method?: string) => ann.post(`/orders/${id}/payments`, method ? { method } : {}),
    read: async () => (await ann.get(`/orders/${id}`)).body,
    atRest: () =>
      until(async () => (await staff.get(`/products/${product_id}/stock`)).body.items[0].reserved === 0),
  }
}

const intentOf = (order_id: string) =>
  double.account.intents.find(({ metadata }) => metadata.order_id === order_id)!

test('with a key of Stripe, orders by card are held, taken and given back there', async () => {
  const { id, pay, read, atRest } = await held()
  assert.equal((await pay('pm_card_chargeDeclinedInsufficientFunds')).body.payment.code, 'insufficient_funds')
  assert.equal((await pay('pm_card_visa')).status, 201)
  await until(async () => (await read()).payment_status === 'paid')
  await atRest()
  const refund = { amount: usd(500), reason: 'A scratch' }
  const given = await staff.post(`/orders/${id}/refunds`, refund, { 'idempotency-key': `refund-${id}` })
  assert.equal(given.status, 201, given.text)
  const { status, amount_received, latest_charge } = intentOf(id)
  assert.deepEqual([status, amount_received, latest_charge!.amount_refunded], ['succeeded', 2_000, 500])
  assert.equal(double.account.intents.filter(({ metadata }) => metadata.order_id === id).length, 1)
})

test("the browser is sent to Stripe's page, and the order goes on when it was there", async () => {
  const { id, pay, read } = await held()
  const { status, body } = await pay('pm_card_threeDSecure2Required')
  assert.deepEqual([status, body.state, body.action.kind], [201, 'requires_action', 'redirect'])
  assert.ok(body.action.url.startsWith(double.url))
  assert.deepEqual(intentOf(id).next_action, {
    type: 'redirect_to_url',
    redirect_to_url: { url: body.action.url, return_url: RETURN_URL },
  })
  await double.act(body.action.url, true)
  assert.equal((await pay()).body.state, 'succeeded')
  await until(async () => (await read()).payment_status === 'paid')
  assert.equal(intentOf(id).status, 'succeeded')
})

test('an order that is cancelled leaves nothing held at Stripe', async () => {
  const { id, pay } = await held()
  await pay('pm_card_threeDSecure2Required')
  assert.equal(intentOf(id).status, 'requires_action')
  const { status, text } = await staff.post(`/orders/${id}/cancel`, {})
  assert.ok(status < 300, text)
  await until(() => intentOf(id).status === 'canceled')
})
