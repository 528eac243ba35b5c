import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../../src/kernel/clock.ts'
import { newId } from '../../src/kernel/ids.ts'
import { createTestProvider } from '../../src/payments/test-provider/test-provider.ts'
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
      const { available, reserved, sold } = level!
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
