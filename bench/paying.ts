import { atMost, type Benchmark, ratio } from './row.ts'
import { add, address, prepared, SHOPPERS, wholeCheckout } from './shopping.ts'
import type { BenchCall } from './support/client.ts'
import { inTurn, load, repeated } from './support/load.ts'
import { startTestProvider } from './support/process.ts'

/** Item into the cart, order, payment, with the money held; the test provider is inside the shop. */
export const card: Benchmark = (settings) =>
  wholeCheckout(settings, { what: 'by card', rounds: cardCheckouts, per_second: 700, p99_ms: 300 })

/** Rounds of a whole checkout by card each: an item into the cart, the order, and its payment. */
export function cardCheckouts(tokens: readonly string[]) {
  let number = 0
  return (product: () => string) =>
    (shopper: number): readonly BenchCall[] => {
      const token = tokens[shopper % tokens.length]
      const order = { payment_method: 'card', shipping_address: address }
      number += 1
      return [
        add(product(), token),
        { method: 'POST', path: '/orders', token, key: `order-${number}`, body: order },
        {
          ...{ method: 'POST', path: '{location}/payments', token, key: `payment-${number}` },
          body: { method: 'tok_success' },
        },
      ]
    }
}

const SLOW_MS = 2_000
/** A provider that costs others nothing leaves them nine tenths of their pace at least. */
const LEFT = 0.9

/** Product pages while every call to the provider takes two seconds, and all shoppers are paying. */
export const slowProvider: Benchmark = async ({ runs, seconds }) => {
  const provider = await startTestProvider({ delay_ms: SLOW_MS })
  const { shop, tokens, products } = await prepared(provider.environment)
  const reading = {
    url: shop.url,
    seconds,
    round: inTurn(products.map((id) => ({ path: `/products/${id}` }))),
  }
  const alone = await repeated(runs, reading)
  let over = false
  const round = cardCheckouts(tokens)(() => products[0]!)
  const paying = (async () => {
    let paid = 0
    while (!over) paid += (await load({ url: shop.url, seconds: 1, connections: SHOPPERS, round })).per_second
    return paid
  })()
  const beside = await repeated(runs, reading)
  over = true
  await paying
  await shop.stop()
  await provider.stop()
  return [
    ratio('GET /products/{id} while 64 shoppers pay at a provider that takes 2 s a call', beside.per_second, {
      ...{ of: alone.per_second, goal: LEFT },
    }),
    atMost('the same, p99', beside.p99_ms, 1.5 * alone.p99_ms, 'ms'),
  ]
}
