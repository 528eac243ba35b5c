import { pay } from './payer.ts'
import { attempt, backOff, insist, pick, randomKey, settle, type World } from './world.ts'

export interface Session {
  id: string
  email: string
  token: string
}

const GIVE_UP = 0.3
const MAX_LINES = 4
/** Share of the orders that are paid by card. */
const CARDS = 0.5

/** A customer who fills carts, orders, repeats what was not answered, and sometimes cancels. */
export async function shopper(world: World): Promise<void> {
  const session = await register(world)
  const mine: string[] = []
  while (!world.stopping()) {
    const dice = world.random()
    if (dice < 0.45) await orderFromCart(world, session, mine)
    else if (dice < 0.85) await orderItems(world, session, mine)
    else if (mine.length > 0) await cancel(world, session, pick(world, mine))
    if (world.random() < 0.02) await signIn(world, session)
  }
}

/** A new customer. */
export async function register(world: World): Promise<Session> {
  const email = `${randomKey()}@example.org`
  const body = { email, password: world.canaries.password, name: world.canaries.name }
  for (;;) {
    const client = await world.client()
    const answer = await client.call({ method: 'POST', path: '/auth/register', body }).catch(() => undefined)
    if (answer?.status === 201) {
      const { user, access_token } = JSON.parse(answer.text) as { user: { id: string }; access_token: string }
      return { id: user.id, email, token: access_token }
    }
    // The first try may have been committed without its answer: then the account is there, and signs in.
    if (answer?.status === 409) return signIn(world, { id: '', email, token: '' })
    await backOff()
  }
}

async function signIn(world: World, session: Session): Promise<Session> {
  const body = { email: session.email, password: world.canaries.password }
  const answer = await insist<{ user: { id: string }; access_token: string }>(world, {
    method: 'POST',
    path: '/auth/login',
    body,
  })
  return Object.assign(session, { id: answer.user.id, token: answer.access_token })
}

function items(world: World) {
  const count = 1 + Math.floor(world.random() * MAX_LINES)
  const chosen = new Map<string, { product_id: string; sku: string; quantity: number }>()
  for (let line = 0; line < count; line++) {
    const product = pick(world, world.products)
    const sku = pick(world, product.skus)
    chosen.set(sku, { product_id: product.id, sku, quantity: 1 + Math.floor(world.random() * 3) })
  }
  return [...chosen.values()]
}

/** What an order needs beside its lines. */
export function checkout(world: World) {
  const address = {
    name: world.canaries.name,
    line1: world.canaries.street,
    city: 'Leeds',
    postal_code: 'LS1 1AA',
    country: 'GB',
  }
  const payment_method = world.cards && world.random() < CARDS ? 'card' : 'cash_on_delivery'
  return { payment_method, shipping_address: address }
}

async function orderItems(world: World, session: Session, mine: string[]): Promise<void> {
  await place(world, session, mine, { ...checkout(world), items: items(world) })
}

async function orderFromCart(world: World, session: Session, mine: string[]): Promise<void> {
  for (const item of items(world)) {
    const key = randomKey()
    const call = { method: 'POST', path: '/cart/items', token: session.token, key, body: item }
    await settle(world, { kind: 'cart', principal: session.id, key, request: item }, call, {
      giveUp: GIVE_UP,
    })
    if (world.stopping()) return
  }
  await place(world, session, mine, checkout(world))
}

async function place(world: World, session: Session, mine: string[], body: object): Promise<void> {
  const key = randomKey()
  const what = { kind: 'order' as const, principal: session.id, key, request: body }
  const call = { method: 'POST', path: '/orders', token: session.token, key, body }
  // A double click now and then: both get the same answer.
  const twice = world.random() < 0.1 ? attempt(world, what, call) : undefined
  const result = await settle(world, what, call, { giveUp: GIVE_UP })
  await twice
  if (result.outcome !== 'ok') return
  const order = JSON.parse(result.text) as { id: string; payment_method: string }
  mine.push(order.id)
  if (mine.length > 50) mine.shift()
  if (order.payment_method === 'card') await pay(world, session, order.id)
  if (world.random() < 0.1) await attempt(world, what, call)
}

async function cancel(world: World, session: Session, id: string): Promise<void> {
  const key = randomKey()
  const call = { method: 'POST', path: `/orders/${id}/cancel`, token: session.token, key, body: {} }
  await settle(world, { kind: 'cancel', principal: session.id, key, request: { id } }, call, {
    giveUp: GIVE_UP,
  })
}
