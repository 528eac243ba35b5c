import { createHash } from 'node:crypto'
import type { TestContext } from 'node:test'
import { type Clock, timestamp } from '../../src/kernel/clock.ts'
import { newId } from '../../src/kernel/ids.ts'
import type { GuestPrincipal, UserPrincipal } from '../../src/kernel/principal.ts'
import { createCarts } from '../../src/shop/carts/carts.ts'
import { CARTS } from '../../src/shop/carts/schema.ts'
import type { Sellable, SellableAnswer } from '../../src/shop/catalog/schema.ts'
import { createInventory } from '../../src/shop/inventory/inventory.ts'
import { STOCK_ADJUSTMENTS, STOCK_MOVEMENTS } from '../../src/shop/inventory/schema.ts'
import { SETTINGS } from '../../src/shop/settings/schema.ts'
import { createSettings } from '../../src/shop/settings/settings.ts'
import type { Storage } from '../../src/storage/storage.ts'
import { openTestStorage } from './storage.ts'

/** Carts over a real storage and inventory, with a shelf of goods whose prices the test moves. */
export async function openCartWorld(t: Pick<TestContext, 'after'>) {
  let now = Date.now()
  const clock: Clock = { now: () => now }
  const { storage } = await openTestStorage(t, [CARTS, SETTINGS, STOCK_ADJUSTMENTS, STOCK_MOVEMENTS])
  const inventory = createInventory({ storage, nodes: 'one', clock })
  const shelf = new Map<string, Sellable>()

  async function sellables(keys: readonly { product_id: string; sku?: string }[]): Promise<SellableAnswer[]> {
    return keys.map(({ product_id, sku }) => {
      const sellable = shelf.get(product_id)
      if (!sellable) return { ok: false, reason: 'gone' }
      if (sku !== undefined && sku !== sellable.sku) return { ok: false, reason: 'unknown_sku' }
      return { ok: true, sellable }
    })
  }

  return {
    storage,
    inventory,
    shelf,
    /** The door; each call is like another process on the same storage. */
    open: (over: Pick<Storage, 'collection'> = storage) =>
      createCarts({
        ...{ storage: over, catalog: { sellables }, inventory, clock, currency: 'USD' },
        settings: createSettings({ storage, clock, currency: 'USD' }),
      }),
    pass(ms: number) {
      now += ms
    },
    /** A cart with this many lines, each of another thing that is no longer sold. */
    async putCart(owner: UserPrincipal | GuestPrincipal, lines: number): Promise<void> {
      const at = timestamp(now)
      await storage.collection(CARTS).insert({
        id: newId('crt'),
        owner: owner.id,
        lines: Array.from({ length: lines }, (_, line) => ({
          product_id: newId('prd'),
          sku: `OLD-${line}`,
          quantity: 1,
          name: 'Old thing',
          price: { amount: 100, currency: 'USD' },
        })),
        merged: [],
        keys: [],
        created_at: at,
        updated_at: at,
      })
    },
    /** Puts something on the shelf and pieces of it into stock. */
    async stockUp(amount: number, pieces: number, currency = 'USD'): Promise<Sellable> {
      const product_id = newId('prd')
      const sku = `SKU-${shelf.size}`
      const price = { amount, currency }
      const sellable = {
        ...{ product_id, sku, slug: sku.toLowerCase(), name: `Thing ${sku}`, image: null, options: {} },
        ...{ price, product_version: 1 },
      }
      shelf.set(product_id, sellable)
      if (pieces > 0)
        await inventory.applyPending(product_id, [{ sku, set: pieces, ref: newId('op') }], 'system')
      return sellable
    },
  }
}

export function someUser(): UserPrincipal {
  return { kind: 'user', id: newId('usr'), role: 'customer', session_id: newId('ses') }
}

export function someGuest(): GuestPrincipal {
  return { kind: 'guest', id: `guest:${createHash('sha256').update(newId('ses')).digest('base64url')}` }
}
