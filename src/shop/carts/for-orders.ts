import { isRefusal } from '../../kernel/errors.ts'
import type { UserPrincipal } from '../../kernel/principal.ts'
import type { createCartDocuments } from './documents.ts'
import type { LineKey } from './rules.ts'

export interface CartForOrder {
  cart_id: string
  version: number
  lines: (LineKey & { quantity: number })[]
}

/** What the checkout needs of carts. */
export function createForOrders({ carts, find, changed }: ReturnType<typeof createCartDocuments>) {
  return {
    /** The lines to order and the version they are of; undefined when there are none. */
    async forOrder(user: Pick<UserPrincipal, 'id'>): Promise<CartForOrder | undefined> {
      const cart = await find(user.id)
      if (!cart || cart.lines.length === 0) return undefined
      const lines = cart.lines.map(({ product_id, sku, quantity }) => ({ product_id, sku, quantity }))
      return { cart_id: cart.id, version: cart.version, lines }
    },

    /**
     * Reads the cart, which can go on beside reserving the stock. What it resolves to empties the cart, unless it has
     * changed since this version was ordered.
     */
    async emptying(cart_id: string, version: number): Promise<() => Promise<void>> {
      const cart = await carts.get(cart_id)
      return async () => {
        if (!cart || cart.version !== version) return
        const { cut: _seen, ...kept } = cart
        try {
          await carts.replace(changed(kept, { lines: [] }))
        } catch (error) {
          if (!isRefusal(error, 'version_moved')) throw error
        }
      }
    },
  }
}
