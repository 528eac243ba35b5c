import { NewCartItem } from '../src/shop/carts/schema.ts'
import { atLeast, atMost, type Benchmark, known, type Row, ratio, type Settings } from './row.ts'
import { type BenchCall, call, customers, signInAsAdministrator } from './support/client.ts'
import { repeated } from './support/load.ts'
import { settled, startShop, type Target } from './support/process.ts'
import { taking } from './support/yardstick.ts'

export const SHOPPERS = 64
const PRODUCTS = 500
const STOCK = 1_000_000
export const address = {
  name: 'Ada',
  line1: 'St James Square 12',
  city: 'London',
  postal_code: 'SW1Y 4JH',
  country: 'GB',
}

export interface Prepared {
  shop: Target
  tokens: string[]
  products: string[]
}

/** A shop with products in stock and signed-in customers. */
export async function prepared(environment?: Record<string, string>): Promise<Prepared> {
  const shop = await startShop({ environment })
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

const ADDS_OF_ROUND = 5

/** Adds to the carts of 64 customers; a cart is emptied after some of them. */
export const cart: Benchmark = async (settings) => {
  const { shop, tokens, products } = await prepared()
  let turn = 0
  const bare = await taking(NewCartItem, { product_id: products[0], quantity: 1 }, settings)
  const got = await repeated(settings.runs, {
    url: shop.url,
    seconds: settings.seconds,
    round(shopper) {
      const token = tokens[shopper]
      turn += 1
      if (turn % (SHOPPERS * (ADDS_OF_ROUND + 1)) < SHOPPERS)
        return [{ method: 'DELETE', path: '/cart', token }]
      return [add(products[(turn * 31) % PRODUCTS]!, token)]
    },
  })
  const rss = shop.most_rss()
  await shop.stop()
  return [
    atLeast('POST /cart/items, 64 connections', got.per_second, 8_000, '/s'),
    atMost('the same, p99', got.p99_ms, 20, 'ms'),
    known('bare Fastify validating the same body', bare, '/s'),
    atMost('the most memory meanwhile', rss, 400, 'MB'),
  ]
}

/** Item into the cart, order, COMMITTED; all durable, relay and consumers running. */
export const checkout: Benchmark = (settings) =>
  wholeCheckout(settings, { what: 'cash on delivery', rounds: checkouts, per_second: 1_000, p99_ms: 200 })

export interface CheckoutGoals {
  what: string
  rounds: typeof checkouts
  per_second: number
  p99_ms: number
}

/** A kind of checkout by 64 shoppers: of all products, and of one for everybody. */
export async function wholeCheckout(settings: Settings, goals: CheckoutGoals): Promise<Row[]> {
  const { shop, tokens, products } = await prepared()
  const round = goals.rounds(tokens)
  const buying = (product: () => string) =>
    repeated(settings.runs, { url: shop.url, seconds: settings.seconds, round: round(product) })
  const spread = await buying(() => products[Math.floor(Math.random() * products.length)]!)
  const moved_ms = await settled(shop)
  const hot = await buying(() => products[0]!)
  const rows: Row[] = [
    atLeast(`whole checkout, ${goals.what}, 64 shoppers`, spread.per_second, goals.per_second, '/s'),
    atMost('the same, p99', spread.p99_ms, goals.p99_ms, 'ms'),
    atMost('from the last order until all its events are in the log and counted', moved_ms, 1_000, 'ms'),
    ratio('one hot SKU for everybody', hot.per_second, { of: spread.per_second, goal: 0.8 }),
    atMost('the most memory meanwhile', shop.most_rss(), 400, 'MB'),
  ]
  await shop.stop()
  return rows
}

/** Rounds of a whole checkout each: an item into the cart, and the order. */
export function checkouts(tokens: readonly string[]) {
  let number = 0
  return (product: () => string) =>
    (shopper: number): readonly BenchCall[] => {
      const token = tokens[shopper]
      const body = { payment_method: 'cash_on_delivery', shipping_address: address }
      number += 1
      return [add(product(), token), { method: 'POST', path: '/orders', token, key: `order-${number}`, body }]
    }
}

/** An item into the cart. */
export function add(product_id: string, token: string | undefined): BenchCall {
  return { method: 'POST', path: '/cart/items', token, body: { product_id, quantity: 1 } }
}
