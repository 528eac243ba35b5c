import type { createCartDocuments } from './documents.ts'
import type { CartLine } from './schema.ts'

const PAGE = 100
const MAX_TRIES = 40

/** What a cart tells of its owner, and how it goes. */
export function createCartErasing({ carts, find }: ReturnType<typeof createCartDocuments>) {
  async function removeOwn(user_id: string): Promise<void> {
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const cart = await find(user_id)
      if (!cart || (await carts.remove(cart.id, cart.version))) return
    }
    throw new Error(`the cart of ${user_id} kept changing while it was removed`)
  }

  return {
    async known(user_id: string): Promise<{ items: CartLine[]; updated_at: string | null }> {
      const cart = await find(user_id)
      return { items: cart?.lines ?? [], updated_at: cart?.updated_at ?? null }
    },

    /** Removes the user's cart, and before it those of guests that are on their way into it. */
    async forget(user_id: string): Promise<void> {
      const bound = await carts.list({ index: 'merging', equal: [user_id], limit: PAGE })
      await Promise.all(bound.items.map(({ id, version }) => carts.remove(id, version)))
      await removeOwn(user_id)
    },
  }
}
