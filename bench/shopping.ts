import { atLeast, atMost, type Benchmark, type Row, ratio, type Settings } from './row.ts'
import { call, customers, signInAsAdministrator } from './support/client.ts'
import { CONNECTIONS, loops, repeated } from './support/load.ts'
import { startShop, type Target } from './support/process.ts'

const SHOPPERS = 64
const PRODUCTS = 500
const STOCK = 1_000_000
const address = {
  name: 'Ada',
  line1: 'St James Square 12',
  city: 'London',
  postal_code: 'SW1Y 4JH',
  country: 'GB',
}

async function prepared(): Promise<{ shop: Target; tokens: string[]; products: string[] }> {
  const shop = await startShop()
  const staff = await signInAsAdministrator(shop.url)
  const products: string[] = []
  for (let number = 0; number < PRODUCTS; number++) {
    const body = {
      name: `Lantern ${number}`,
      price: { amount: 1_000 + number, currency: 'USD' },
      status: 'active',
      stock: STOCK,
    }
    products.push(
      (await call<{ id: string }>(shop.url, { method: 'POST', path: '/products', token: staff, body })).id,
    )
  }
  return { shop, products, tokens: await customers(shop.url, SHOPPERS) }
}

/** Adds to the carts of 64 customers; a cart is emptied when it has grown to some lines. */
export const cart: Benchmark = async (settings) => {
  const { shop, tokens, products } = await prepared()
  const counts = tokens.map(() => 0)
  const result = await measured(settings, async (worker) => {
    const token = tokens[worker]
    counts[worker]! += 1
    if (counts[worker]! % 6 === 0) return call(shop.url, { method: 'DELETE', path: '/cart', token })
    const product_id = products[(worker * 31 + counts[worker]!) % PRODUCTS]
    return call(shop.url, { method: 'POST', path: '/cart/items', token, body: { product_id, quantity: 1 } })
  })
  const rss = shop.rss()
  await shop.stop()
  return [
    atLeast('POST /cart/items, 64 connections', result.per_second, 8_000, '/s'),
    atMost('the same, p99', result.p99_ms, 20, 'ms'),
    atMost('memory after it', rss, 400, 'MB'),
  ]
}

/** Item into the cart, order, COMMITTED; all durable, relay and consumers running. */
export const checkout: Benchmark = async (settings) => {
  const { shop, tokens, products } = await prepared()
  let number = 0
  const buy = (product: () => string) => async (worker: number) => {
    const token = tokens[worker]
    number += 1
    const key = `order-${number}`
    await call(shop.url, {
      method: 'POST',
      path: '/cart/items',
      token,
      body: { product_id: product(), quantity: 1 },
    })
    await call(shop.url, {
      method: 'POST',
      path: '/orders',
      token,
      key,
      body: { payment_method: 'cash_on_delivery', shipping_address: address },
    })
  }
  const spread = await measured(
    settings,
    buy(() => products[Math.floor(Math.random() * PRODUCTS)]!),
  )
  const hot = await measured(
    settings,
    buy(() => products[0]!),
  )
  const rows: Row[] = [
    atLeast('whole checkout, cash on delivery, 64 shoppers', spread.per_second, 1_000, '/s'),
    atMost('the same, p99', spread.p99_ms, 200, 'ms'),
    ratio('one hot SKU for everybody', hot.per_second, { of: spread.per_second, goal: 0.8 }),
    atMost('memory after it', shop.rss(), 400, 'MB'),
    atMost('outbox → log: everything moved and counted', await settled(shop), 5_000, 'ms after the load'),
  ]
  await shop.stop()
  return rows
}

async function measured({ runs, seconds }: Settings, step: (worker: number) => Promise<unknown>) {
  await loops(CONNECTIONS, 2, step)
  const result = await repeated(runs, async () => ({
    ...(await loops(CONNECTIONS, seconds, step)),
    failed: 0,
  }))
  return result
}

/** Milliseconds until nothing waits in the outbox and no consumer lags. */
async function settled({ url }: Target): Promise<number> {
  const began = performance.now()
  for (;;) {
    const metrics = await (await fetch(`${url}/metrics`)).text()
    const waiting = /^tradewind_outbox_waiting (\d+)/m.exec(metrics)?.[1]
    const lag = /^tradewind_consumer_lag_events (\d+)/m.exec(metrics)?.[1]
    if (waiting === '0' && lag === '0') return performance.now() - began
  }
}
