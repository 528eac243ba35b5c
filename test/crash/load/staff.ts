import { setTimeout as delay } from 'node:timers/promises'
import type { Ticket } from '../client.ts'
import { attempt, insist, pick, randomKey, settle, ticketOf, type World } from './world.ts'

export const ADMINISTRATOR = { email: 'admin@ecommerce.com', password: 'admin123' }
const PAUSE_MS = 20
const NEXT: Record<string, string> = { confirmed: 'processing', processing: 'shipped', shipped: 'delivered' }

export async function signIn(world: World): Promise<string> {
  const answer = await insist<{ access_token: string }>(world, {
    method: 'POST',
    path: '/auth/login',
    body: ADMINISTRATOR,
  })
  return answer.access_token
}

/** Makes what is on sale: products with one SKU and with variants, some with little stock. */
export async function openShop(world: World, count: number): Promise<void> {
  const token = await signIn(world)
  for (let number = 0; number < count; number++) {
    const little = number % 5 === 0
    const variants = number % 3 === 0
    const body = {
      name: `Lantern ${number}`,
      price: { amount: 100 + number, currency: 'USD' },
      status: 'active',
      ...(variants
        ? {
            options: [{ name: 'size', values: ['S', 'L'] }],
            variants: ['S', 'L'].map((size) => ({
              sku: `V${number}-${size}`,
              options: { size },
              stock: little ? 10 : 10_000,
            })),
          }
        : { sku: `P${number}`, stock: little ? 20 : 10_000 }),
    }
    const answer = await insist<{ id: string }>(world, {
      method: 'POST',
      path: '/products',
      token,
      key: randomKey(),
      body,
    })
    world.products.push({ id: answer.id, skus: variants ? [`V${number}-S`, `V${number}-L`] : [`P${number}`] })
  }
}

/** Staff who receive goods, change prices, and move orders on. */
export async function staff(world: World): Promise<void> {
  const token = ticketOf(await signIn(world), () => signIn(world))
  while (!world.stopping()) {
    const dice = world.random()
    if (dice < 0.4) await receive(world, token)
    else if (dice < 0.6) await reprice(world, token)
    else if (dice < 0.9 || !world.cards) await moveOrders(world, token)
    else await refund(world, token)
    if (world.random() < 0.02) await token.again()
    await delay(PAUSE_MS)
  }
}

async function receive(world: World, token: Ticket): Promise<void> {
  const product = pick(world, world.products)
  const key = randomKey()
  const request = {
    id: product.id,
    sku: pick(world, product.skus),
    delta: 1 + Math.floor(world.random() * 5),
  }
  const call = {
    method: 'POST',
    path: `/products/${product.id}/stock`,
    token,
    key,
    body: { sku: request.sku, delta: request.delta, reason: 'delivery' },
  }
  await settle(world, { kind: 'stock', principal: 'staff', key, request }, call, { giveUp: 0.2 })
}

async function reprice(world: World, token: Ticket): Promise<void> {
  const { id } = pick(world, world.products)
  const body = { price: { amount: 100 + Math.floor(world.random() * 900), currency: 'USD' } }
  await attempt(
    world,
    { kind: 'price', principal: 'staff', key: '', request: { id, ...body } },
    { method: 'PATCH', path: `/products/${id}`, token, body },
  )
}

/** Gives back a part of a paid order, sometimes twice at once. */
async function refund(world: World, token: Ticket): Promise<void> {
  const list = await insist<{ items: { id: string; total: { amount: number; currency: string } }[] }>(world, {
    method: 'GET',
    path: '/orders?limit=50&payment_status=paid',
    token,
  })
  if (list.items.length === 0) return
  const { id, total } = pick(world, list.items)
  const amount = { amount: Math.max(1, Math.floor(total.amount * world.random())), currency: total.currency }
  const key = randomKey()
  const body = { amount, reason: 'broken' }
  const call = { method: 'POST', path: `/orders/${id}/refunds`, token, key, body }
  const what = { kind: 'refund' as const, principal: 'staff', key, request: { id, ...body } }
  const twice = world.random() < 0.3 ? attempt(world, what, { ...call, key: randomKey() }) : undefined
  await settle(world, what, call, { giveUp: 0.2 })
  await twice
}

async function moveOrders(world: World, token: Ticket): Promise<void> {
  const list = await insist<{ items: { id: string; status: string }[] }>(world, {
    method: 'GET',
    path: '/orders?limit=20',
    token,
  })
  const order = pick(world, list.items)
  const status = order && NEXT[order.status]
  if (!status) return
  await attempt(
    world,
    { kind: 'status', principal: 'staff', key: '', request: { id: order.id, status } },
    { method: 'PUT', path: `/orders/${order.id}`, token, body: { status } },
  )
}
