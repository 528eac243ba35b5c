import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../../src/kernel/clock.ts'
import { newId } from '../../src/kernel/ids.ts'
import type { Nodes } from '../../src/kernel/nodes.ts'
import type { UserPrincipal } from '../../src/kernel/principal.ts'
import type { PaymentProvider } from '../../src/payments/provider.ts'
import { createAddresses } from '../../src/shop/addresses/addresses.ts'
import { createCarts } from '../../src/shop/carts/carts.ts'
import { COLLECTIONS } from '../../src/shop/collections.ts'
import { createInventory } from '../../src/shop/inventory/inventory.ts'
import { createOrders } from '../../src/shop/orders/orders.ts'
import type { AddressedOrder } from '../../src/shop/orders/requests-schema.ts'
import { ORDERS, type Order } from '../../src/shop/orders/schema.ts'
import { createSettings } from '../../src/shop/settings/settings.ts'
import type { Storage } from '../../src/storage/storage.ts'
import { forgetPair, openPairStorage } from '../support/pair.ts'

export const PRODUCT = 'prd_01jzzzzzzzzzzzzzzzzzzzzzzz'
export const PRICE = 1_250
export const ORDER: AddressedOrder = {
  shipping_address: { name: 'Ann', line1: 'High Street 1', city: 'Leeds', postal_code: 'LS1', country: 'GB' },
  payment_method: 'cash_on_delivery',
}

const silent = { debug() {}, info() {}, warn() {}, error() {} }

/** A storage on a temporary folder; the folder goes with it. */
export async function openStorage(): Promise<Storage> {
  const directory = await mkdtemp(join(tmpdir(), 'tradewind-orders-'))
  const storage = await openPairStorage({ directory, collections: COLLECTIONS, clock: systemClock })
  return {
    ...storage,
    async close() {
      await storage.close()
      await forgetPair(directory)
      await rm(directory, { recursive: true, force: true })
    },
  }
}

/** One start of a shop that sells SKUs of one product at one price. */
export function startShop(
  storage: Storage,
  start_id: string,
  { nodes = 'one', provider }: { nodes?: Nodes; provider?: PaymentProvider } = {},
) {
  const clock = systemClock
  const inventory = createInventory({ storage, nodes, clock })
  const catalog = {
    sellables: async (keys: readonly { product_id: string; sku?: string }[]) =>
      keys.map(({ product_id, sku = 'A' }) => ({
        ok: true as const,
        sellable: {
          product_id,
          sku,
          slug: 'lamp',
          name: sku,
          image: null,
          options: {},
          price: { amount: PRICE, currency: 'USD' },
          product_version: 1,
        },
      })),
  }
  const settings = createSettings({ storage, clock, currency: 'USD' })
  const carts = createCarts({ storage, catalog, inventory, settings, clock, currency: 'USD' })
  const orders = createOrders({
    storage,
    catalog,
    inventory,
    carts,
    addresses: createAddresses({ storage, clock }),
    settings,
    nodes,
    clock,
    logger: silent,
    currency: 'USD',
    start_id,
    ...{ provider, hold_ttl_seconds: 1_800, rate_limits: false },
  })
  return { inventory, carts, orders }
}

export type World = ReturnType<typeof startShop>

export function newUser(): UserPrincipal {
  return { kind: 'user', id: newId('usr'), role: 'customer', session_id: newId('ses') }
}

/** Puts pieces of a SKU on the shelf. */
export async function receive(storage: Storage, sku: string, delta: number): Promise<void> {
  const at = Date.now()
  await storage.stock.apply([
    {
      kind: 'adjust',
      product_id: PRODUCT,
      sku,
      delta,
      ref: newId('op'),
      reason: 'initial',
      book: 'received',
      create: true,
      event_id: newId('evt'),
      at,
      actor: 'system',
    },
  ])
}

/** Every order there is, hidden ones too. */
export async function allOrders(storage: Storage, ids: readonly string[]): Promise<Order[]> {
  return storage.collection(ORDERS).getMany(ids)
}

/** A SKU that no other test uses. */
export function newSku(): string {
  return newId('op').slice(3).toUpperCase()
}
