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
  carts: Pick<Carts, 'addItem' | 'hasTaken' | 'view'>
  catalog: Pick<Catalog, 'shown'>
  clock: Clock
  logger: Logger
}

export interface Move {
  user: UserPrincipal
  product_id: string
  request: MoveToCart
  /** Stable over all repeats of the request. */
  operation: string
}

/**
 * Moves wishes into carts. The wish is the coordinator: marked, put into the cart under a key of its own, removed. Each step may be
 * repeated by anyone; the cart takes a key once.
 */
export function createMoving({ wishes, carts, catalog, clock, logger }: Needs) {
  /** The cart. Throws `not_in_wishlist` for what is not there and was not moved by this request, and what the cart refuses. */
  async function move({ user, product_id, request, operation }: Move) {
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const wish = await wishes.getBy('product', [user.id, product_id])
      if (!wish) return alreadyMoved(user, operation)
      const marked = wish.moving ? wish : await mark(wish, request, operation)
      if (marked) return finish(marked, user)
    }
    throw wishlistBusy()
  }

  /** What was moved before, by this request, whose answer was lost. */
  async function alreadyMoved(user: UserPrincipal, operation: string) {
    if (!(await carts.hasTaken(user, keyOf(operation)))) throw notInWishlist()
    return carts.view(user)
  }

  async function mark(
    wish: Wish,
    { sku, quantity = 1 }: MoveToCart,
    operation: string,
  ): Promise<Wish | undefined> {
    const product = (await catalog.shown([wish.product_id])).get(wish.product_id)
    const since = clock.now()
    const moving = { sku: skuToMove(wish, { named: sku, product }), quantity, since, operation }
    return written({ ...wish, moving, updated_at: timestamp(since) })
  }

  async function finish(wish: Wish, user: UserPrincipal) {
    const { sku, quantity, operation } = wish.moving!
    try {
      const { cart } = await carts.addItem({
        principal: user,
        item: { product_id: wish.product_id, sku, quantity },
        request_key: keyOf(wish.id),
        ...(operation !== undefined && { told_as: keyOf(operation) }),
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

/** Under which the cart takes a wish once, and remembers whose request it was. */
function keyOf(id: string) {
  return { key: `wish ${id}`, fingerprint: id }
}

/** Enough of a customer to write into their cart. */
function ownerOf({ user_id: id }: Wish): UserPrincipal {
  return { kind: 'user', id, role: 'customer', session_id: '' }
}
