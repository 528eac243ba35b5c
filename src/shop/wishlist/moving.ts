import { type Clock, timestamp } from '../../kernel/clock.ts'
import { isRefusal } from '../../kernel/errors.ts'
import type { Logger } from '../../kernel/logger.ts'
import type { UserPrincipal } from '../../kernel/principal.ts'
import type { Collection } from '../../storage/storage.ts'
import type { Carts } from '../carts/carts.ts'
import type { Catalog } from '../catalog/catalog.ts'
import { notInWishlist, skuToMove, wishlistBusy } from './rules.ts'
import type { Wish } from './schema.ts'
import type { MoveToCart } from './wish-schema.ts'

const MAX_TRIES = 8
const PAGE = 100
/** A move that began before is taken for left; one that seems to begin later is from before the clock was put back. */
const LEFT_AFTER_MS = 5_000

interface Needs {
  wishes: Pick<Collection<Wish>, 'getBy' | 'list' | 'replace' | 'remove'>
  carts: Pick<Carts, 'addItem' | 'view'>
  catalog: Pick<Catalog, 'shown'>
  clock: Clock
  logger: Logger
}

export interface Move {
  user: UserPrincipal
  product_id: string
  request: MoveToCart
}

/**
 * Moves wishes into carts. The wish is the coordinator: marked, put into the cart under a key of its own, removed. Each step may be
 * repeated by anyone; the cart takes a key once.
 */
export function createMoving({ wishes, carts, catalog, clock, logger }: Needs) {
  /** The cart. Throws `not_in_wishlist` for what is neither there nor in the cart, and what the cart refuses. */
  async function move({ user, product_id, request }: Move) {
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const wish = await wishes.getBy('product', [user.id, product_id])
      if (!wish) return alreadyMoved(user, product_id)
      const marked = wish.moving ? wish : await mark(wish, request)
      if (marked) return finish(marked, user)
    }
    throw wishlistBusy()
  }

  /** What was moved before, by a request whose answer was lost, is in the cart. */
  async function alreadyMoved(user: UserPrincipal, product_id: string) {
    const cart = await carts.view(user)
    if (!cart.items.some((item) => item.product_id === product_id)) throw notInWishlist()
    return cart
  }

  async function mark(wish: Wish, { sku, quantity = 1 }: MoveToCart): Promise<Wish | undefined> {
    const product = (await catalog.shown([wish.product_id])).get(wish.product_id)
    const since = clock.now()
    const moving = { sku: skuToMove(wish, { named: sku, product }), quantity, since }
    return written({ ...wish, moving, updated_at: timestamp(since) })
  }

  async function finish(wish: Wish, user: UserPrincipal) {
    const { sku, quantity } = wish.moving!
    try {
      const { cart } = await carts.addItem({
        principal: user,
        item: { product_id: wish.product_id, sku, quantity },
        request_key: { key: `wish ${wish.id}`, fingerprint: wish.id },
      })
      await wishes.remove(wish.id, wish.version)
      return cart
    } catch (error) {
      if (isRefusal(error) && error.kind !== 'unavailable') {
        const { moving: _, ...stays } = wish
        await written(stays)
      }
      throw error
    }
  }

  /** Undefined when somebody else was faster. */
  async function written(wish: Wish): Promise<Wish | undefined> {
    try {
      return await wishes.replace(wish)
    } catch (error) {
      if (isRefusal(error, 'version_moved')) return undefined
      throw error
    }
  }

  /** Finishes moves that a crash left half-way; may be repeated at any time. */
  async function recover(): Promise<void> {
    const now = clock.now()
    for (const range of [{ before: now - LEFT_AFTER_MS }, { from: now + LEFT_AFTER_MS }]) {
      const { items } = await wishes.list({ index: 'moving', range, limit: PAGE })
      for (const wish of items) await finish(wish, ownerOf(wish)).catch((error) => left(error, wish))
    }
  }

  function left(error: unknown, { id }: Wish): void {
    logger.warn({ err: error, wish_id: id }, 'a wish did not get into its cart')
  }

  return { move, recover }
}

/** Enough of a customer to write into their cart. */
function ownerOf({ user_id: id }: Wish): UserPrincipal {
  return { kind: 'user', id, role: 'customer', session_id: '' }
}
