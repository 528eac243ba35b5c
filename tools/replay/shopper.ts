import { accountOf } from './account.ts'
import { countryCode } from './countries.ts'
import { payByCard } from './paying.ts'
import { type Cancellation, type Line, ordersOf, type Sale, worthOf } from './plan.ts'
import { type Account, expect, type PlacedOrder, Refused, type Shopping } from './shopping.ts'
import { uuidv7 } from './uuid.ts'

const MAX_EVENTS = 500

/** One visit: what a browser sends, the cart filled line by line, the order. Throws when the shop refuses. */
export async function visitShop(shopping: Shopping, sale: Sale): Promise<void> {
  const visitor = `${sale.guest ? 'guest' : 'customer'}-${sale.account}${shopping.options.tag}`
  const visit = { session_id: `visit-${sale.invoice}`, anonymous_id: visitor }
  let account = sale.guest ? undefined : await accountOf(shopping, sale)
  const orders = ordersOf(sale)
  for (const [part, lines] of orders.entries()) {
    await sendEvents(shopping, account?.token, eventsOf(shopping, lines, { visit, first: part === 0 }))
    const session = await fillCart(shopping, account?.token, lines, `${sale.invoice}-${part}`)
    // A guest signs up on the way to the checkout, and the cart comes along.
    account ??= await accountOf(shopping, sale, session)
    const placed = await order(shopping, { sale, account, lines, visit, part })
    if (sale.by_card) await payByCard(shopping, placed, account)
  }
}

/** Cancels the orders of an invoice, as the customer who placed them. */
export async function cancelOrders(shopping: Shopping, cancellation: Cancellation): Promise<void> {
  const { client, tally, placed, options } = shopping
  const account = await accountOf(shopping, cancellation)
  for (const { id } of placed.get(cancellation.of) ?? []) {
    const answer = await client.call({
      method: 'POST',
      path: `/orders/${id}/cancel`,
      token: account.token,
      key: `${options.run}-cancel-${id}`,
      body: {},
    })
    const { json } = expect(answer, 200, `Order ${id} of invoice ${cancellation.of} was not cancelled`)
    if (json.status !== 'cancelled') throw new Refused(`Order ${id} is ${json.status} after it was cancelled`)
    tally.cancelled++
  }
}

async function fillCart(shopping: Shopping, token: string | undefined, lines: readonly Line[], part: string) {
  let session: string | undefined
  for (const [index, { item, quantity }] of lines.entries()) {
    const { product_id, sku } = shopping.articles[item]!
    const answer = await shopping.client.call({
      method: 'POST',
      path: '/cart/items',
      token,
      session,
      // Without a session a repeat would be another guest's.
      key: token || session ? `${shopping.options.run}-cart-${part}-${index}` : undefined,
      body: { product_id, ...(sku && { sku }), quantity },
      ignoreBody: true,
    })
    expect(answer, 200, `A line of invoice ${part} did not get into the cart`)
    session ??= answer.session
    shopping.tally.cart_lines++
  }
  return session
}

async function order(
  { client, plan, options, tally, placed }: Shopping,
  {
    sale,
    account,
    lines,
    visit,
    part,
  }: { sale: Sale; account: Account; lines: Line[]; visit: object; part: number },
): Promise<PlacedOrder> {
  const amount = worthOf(plan, lines)
  const answer = await client.call({
    method: 'POST',
    path: '/orders',
    token: account.token,
    key: `${options.run}-order-${sale.invoice}-${part}`,
    body: {
      ...visit,
      payment_method: sale.by_card ? 'card' : 'cash_on_delivery',
      expected_total: { amount, currency: options.currency },
      shipping_address: {
        name: `Customer ${sale.account}`,
        line1: `Invoice Street ${part + 1}`,
        city: 'Replay',
        postal_code: sale.invoice,
        country: countryCode(sale.country),
      },
    },
  })
  const { json } = expect(answer, 201, `Invoice ${sale.invoice} was not ordered`)
  const status = sale.by_card ? 'pending' : 'confirmed'
  if (json.status !== status || json.total.amount !== amount || json.items.length !== lines.length) {
    throw new Refused(
      `Order ${json.id} of invoice ${sale.invoice} is ${json.status} over ${json.total.amount}, not ${amount}`,
    )
  }
  const own = { id: json.id, user_id: account.user_id, invoice: sale.invoice, total: amount }
  placed.set(sale.invoice, [...(placed.get(sale.invoice) ?? []), own])
  tally.orders++
  return own
}

function eventsOf(
  { articles }: Shopping,
  lines: readonly Line[],
  { visit, first }: { visit: object; first: boolean },
): object[] {
  const make = (type: string, details: object = {}) => ({ type, event_id: uuidv7(), ...visit, ...details })
  const events = first ? [make('page_view', { url: 'https://shop.example/' })] : []
  for (const { item, quantity } of lines) {
    const { product_id, sku } = articles[item]!
    const what = { product_id, ...(sku && { sku }) }
    events.push(make('view_product', { ...what, url: `https://shop.example/products/${product_id}` }))
    events.push(make('add_to_cart', { ...what, quantity }))
  }
  events.push(make('begin_checkout'))
  return events
}

async function sendEvents({ client, tally }: Shopping, token: string | undefined, events: readonly object[]) {
  for (let at = 0; at < events.length; at += MAX_EVENTS) {
    const body = events.slice(at, at + MAX_EVENTS)
    const answer = await client.call({ method: 'POST', path: '/events', token, body, repeatable: true })
    const { accepted, duplicates, rejected } = expect(answer, 202, 'Events were not taken').json
    if (accepted + duplicates !== body.length) {
      throw new Refused(`Of ${body.length} events ${rejected.length} were rejected: ${rejected[0]?.message}`)
    }
    tally.events += body.length
  }
}
