import { isRefusal } from '../../kernel/errors.ts'
import type { GuestPrincipal, Principal, UserPrincipal } from '../../kernel/principal.ts'
import { pagesOf } from '../../storage/list-all.ts'
import type { createCartDocuments } from './documents.ts'
import { mergedCart } from './rules.ts'
import type { Cart } from './schema.ts'

/** A race for one guest cart is decided by its first step; more rounds than this cannot come. */
const MAX_ROUNDS = 12
const RECOVERY_PAGE = 100

/**
 * A guest's cart goes into the user's at sign-in in three steps, each of which may be repeated by anyone: the
 * guest's cart names its user and takes nothing more, the user's cart takes its lines once and remembers its
 * id, the guest's cart is removed.
 */
export function createMerging({ carts, find, change }: ReturnType<typeof createCartDocuments>) {
  /** Does nothing for somebody who has no cart. */
  async function mergeGuest(guest: Principal, user: UserPrincipal): Promise<void> {
    if (guest.kind !== 'guest') return
    const bound = await bind(guest, user.id)
    if (bound) await finish(bound)
  }

  async function bind(guest: GuestPrincipal, user_id: string): Promise<Cart | undefined> {
    for (let rounds = 0; rounds < MAX_ROUNDS; rounds++) {
      const cart = await find(guest.id)
      // Bound already: perhaps to another user who signed in from the same browser first.
      if (!cart || cart.merging_into) return cart
      const { used_on: _neverExpires, ...kept } = cart
      try {
        return await carts.replace({ ...kept, merging_into: user_id })
      } catch (error) {
        if (!isRefusal(error, 'version_moved')) throw error
      }
    }
    throw new Error(`the cart of ${guest.id} kept changing while it was merged`)
  }

  async function finish(guestCart: Cart): Promise<void> {
    const user_id = guestCart.merging_into!
    if (guestCart.lines.length > 0) {
      await change(user_id, {
        async decide(cart) {
          const before = cart ?? { lines: [], merged: [] }
          return { next: mergedCart(before, guestCart) ?? undefined, answer: () => undefined }
        },
      })
    }
    await carts.remove(guestCart.id, guestCart.version)
  }

  /** Finishes what a crash left between the steps; says how many carts. */
  async function recover(): Promise<number> {
    let finished = 0
    for await (const page of pagesOf(carts, { index: 'merging', limit: RECOVERY_PAGE })) {
      for (const cart of page) await finish(cart)
      finished += page.length
    }
    return finished
  }

  return { mergeGuest, recover }
}
