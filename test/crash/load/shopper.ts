import type { Ticket } from '../client.ts'
import { pay } from './payer.ts'
import { attempt, backOff, insist, pick, randomKey, settle, ticketOf, type World } from './world.ts'

export interface Session extends Ticket {
  id: string
}

/** What a customer did in this session. */
interface Orders {
  placed: string[]
  paying: Set<Promise<void>>
}

const GIVE_UP = 0.3
const MAX_LINES = 4
/** So many orders of one customer are being paid at most; a call that the provider loses takes ten seconds. */
const MAX_PAYING = 4
/** Share of the orders that are paid by card. */
const CARDS = 0.5

/** A customer who fills carts, orders, repeats what was not answered, and sometimes cancels. */
export async function shopper(world: World): Promise<void> {
  const session = await register(world)
  const mine: Orders = { placed: [], paying: new Set() }
  while (!world.stopping()) {
    const dice = world.random()
    if (dice < 0.45) await orderFromCart(world, session, mine)
    else if (dice < 0.85) await orderItems(world, session, mine)
    else if (mine.placed.length > 0) await cancel(world, session, pick(world, mine.placed))
    if (world.random() < 0.02) await session.again()
  }
  await Promise.all(mine.paying)
}

/** A new customer. */
export async function register(world: World): Promise<Session> {
  const email = `${randomKey()}@example.org`
  const { user, access_token } = await signUp(world, email)
  const ticket = ticketOf(access_token, async () => (await signIn(world, email)).access_token)
  return Object.assign(ticket, { id: user.id })
}

interface SignedIn {
  user: { id: string }
  access_token: string
}

async function signUp(world: World, email: string): Promise<SignedIn> {
  const body = { email, password: world.canaries.password, name: world.canaries.name }
  for (;;) {
    const client = await world.client()
    const answer = await client.call({ method: 'POST', path: '/auth/register', body }).catch(() => undefined)
    if (answer?.status === 201) return JSON.parse(answer.text) as SignedIn
    // The first try may have been committed without its answer: then the account is there, and signs in.
    if (answer?.status === 409) return signIn(world, email)
    await backOff()
  }
}

function signIn(world: World, email: string): Promise<SignedIn> {
  const body = { email, password: world.canaries.password }
  return insist(world, { method: 'POST', path: '/auth/login', body })
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

async function orderItems(world: World, session: Session, mine: Orders): Promise<void> {
  await place(world, session, mine, { ...checkout(world), items: items(world) })
}

async function orderFromCart(world: World, session: Session, mine: Orders): Promise<void> {
  for (const item of items(world)) {
    const key = randomKey()
    const call = { method: 'POST', path: '/cart/items', token: session, key, body: item }
    await settle(world, { kind: 'cart', principal: session.id, key, request: item }, call, {
      giveUp: GIVE_UP,
    })
    if (world.stopping()) return
  }
  await place(world, session, mine, checkout(world))
}

async function place(world: World, session: Session, mine: Orders, body: object): Promise<void> {
  const key = randomKey()
  const what = { kind: 'order' as const, principal: session.id, key, request: body }
  const call = { method: 'POST', path: '/orders', token: session, key, body }
  // A double click now and then: both get the same answer.
  const twice = world.random() < 0.1 ? attempt(world, what, call) : undefined
  const result = await settle(world, what, call, { giveUp: GIVE_UP })
  await twice
  if (result.outcome !== 'ok') return
  const order = JSON.parse(result.text) as { id: string; payment_method: string }
  mine.placed.push(order.id)
  if (mine.placed.length > 50) mine.placed.shift()
  if (order.payment_method === 'card') await beginToPay(world, session, mine, order.id)
  if (world.random() < 0.1) await attempt(world, what, call)
}

/** The till may take its time: the customer goes on meanwhile, and may even cancel. */
async function beginToPay(world: World, session: Session, { paying }: Orders, id: string): Promise<void> {
  if (paying.size >= MAX_PAYING) await Promise.race(paying)
  const paid = pay(world, session, id).finally(() => paying.delete(paid))
  paying.add(paid)
}

async function cancel(world: World, session: Session, id: string): Promise<void> {
  const key = randomKey()
  const call = { method: 'POST', path: `/orders/${id}/cancel`, token: session, key, body: {} }
  await settle(world, { kind: 'cancel', principal: session.id, key, request: { id } }, call, {
    giveUp: GIVE_UP,
  })
}
