import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../../src/kernel/clock.ts'
import { newId } from '../../src/kernel/ids.ts'
import type { UserPrincipal } from '../../src/kernel/principal.ts'
import { createTestProvider } from '../../src/payments/test-provider/test-provider.ts'
import { createOrderImporting } from '../../src/shop/orders/importing.ts'
import type { ReturnChange } from '../../src/shop/orders/return-requests-schema.ts'
import type { OrderView } from '../../src/shop/orders/view-schema.ts'
import type { Storage } from '../../src/storage/storage.ts'
import { newSku, newUser, ORDER, PRODUCT, receive, type World } from './orders-world.ts'

export const staff = { ...newUser(), role: 'admin' as const }

/** A provider with its ledger on a temporary folder, which goes with it. */
export function openProvider() {
  const directory = mkdtempSync(join(tmpdir(), 'tradewind-returns-'))
  const path = join(directory, 'ledger.db')
  const provider = createTestProvider({
    path,
    clock: systemClock,
    secret: 'of the test',
    urlOf: (action) => action,
  })
  return {
    ...provider,
    async close() {
      await provider.close()
      rmSync(directory, { recursive: true })
    },
  }
}

/** Whose process does it, under which request. */
interface Hand {
  by?: World
  operation?: string
}

/**
 * An order of so many pieces of each of its SKUs that was brought; nothing else of them is in stock. By card it is paid.
 */
export async function deliver(
  { storage, shop }: { storage: Storage; shop: World },
  quantity: number,
  {
    payment_method = 'cash_on_delivery',
    kinds = 1,
  }: { payment_method?: 'card' | 'cash_on_delivery'; kinds?: number } = {},
) {
  const skus = Array.from({ length: kinds }, newSku)
  const user = newUser()
  for (const sku of skus) await receive(storage, sku, quantity)
  const items = skus.map((sku) => ({ product_id: PRODUCT, sku, quantity }))
  const { order } = await shop.orders.place({ user, request: { ...ORDER, payment_method, items } })
  const { id } = order!
  if (payment_method === 'card')
    await shop.orders.pay({ principal: user, id, request: { method: 'tok_success' }, operation: newId('op') })
  await shop.orders.idle()
  for (const status of ['processing', 'shipped', 'delivered'] as const)
    await shop.orders.change({ principal: staff, id, request: { status }, operation: newId('op') })
  return brought({ storage, shop }, { id, skus, user })
}

/** An order of so many pieces that another shop sold and brought; the stock of its SKU is untouched. */
export async function takeOver({ storage, shop }: { storage: Storage; shop: World }, quantity: number) {
  const sku = newSku()
  const user = newUser()
  const importing = createOrderImporting({
    ...{ storage, clock: systemClock },
    catalog: { idOfSku: async () => PRODUCT },
    users: { findByEmail: async () => ({ id: user.id }) as never },
  })
  const row = {
    ...{ external_id: newId('op'), email: 'ann@example.org', placed_at: '2019-03-04T10:00:00Z' },
    ...{ currency: 'USD', items: [{ sku, name: sku, quantity, unit_price: 1_000 }] },
  }
  const by = { operation_id: newId('op'), actor: staff.id, dry_run: false }
  const { id } = await importing.apply(row, by)
  return brought({ storage, shop }, { id: id!, skus: [sku], user })
}

/** What the customer and staff do with an order that was brought. */
function brought(
  { storage, shop }: { storage: Storage; shop: World },
  { id, skus, user }: { id: string; skus: string[]; user: UserPrincipal },
) {
  return {
    ...{ id, skus, user },
    /** Of the first SKU, or of another. */
    ask: (
      pieces: number,
      { by = shop, operation = newId('op'), sku = skus[0]! }: Hand & { sku?: string } = {},
    ) =>
      by.orders.requestReturn({
        ...{ principal: user, id, operation },
        request: { items: [{ product_id: PRODUCT, sku, quantity: pieces }] },
      }),
    move: (return_id: string, request: ReturnChange, { by = shop, operation = newId('op') }: Hand = {}) =>
      by.orders.changeReturn({ principal: staff, id, return_id, request, operation }),
    read: (): Promise<OrderView> => shop.orders.get(staff, id),
    async stock(sku = skus[0]!) {
      const [level] = await storage.stock.getMany([{ product_id: PRODUCT, sku }])
      const { available = 0, reserved = 0, sold = 0 } = level ?? {}
      return { available, reserved, sold }
    },
  }
}

/** A return of so many pieces that staff agreed to. */
export async function approved(
  order: Awaited<ReturnType<typeof deliver>>,
  pieces: number,
  sku = order.skus[0]!,
): Promise<string> {
  const { id } = await order.ask(pieces, { sku })
  await order.move(id, { state: 'approved' })
  return id
}
