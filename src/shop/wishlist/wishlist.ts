import type { Clock } from '../../kernel/clock.ts'
import type { Logger } from '../../kernel/logger.ts'
import { emptyList, listAll } from '../../storage/list-all.ts'
import type { Position, Storage } from '../../storage/storage.ts'
import type { Carts } from '../carts/carts.ts'
import type { Catalog, ShownProduct } from '../catalog/catalog.ts'
import { createAdding } from './adding.ts'
import { createMoving } from './moving.ts'
import { notInWishlist, wishlistNotFound } from './rules.ts'
import { WISHLIST, type Wish } from './schema.ts'
import { createSharing } from './sharing.ts'
import { knownOf, sharedWishView, wishView } from './view-rules.ts'

export interface WishlistOptions {
  storage: Pick<Storage, 'collection'>
  catalog: Pick<Catalog, 'shown'>
  carts: Pick<Carts, 'addItem' | 'hasTaken' | 'view'>
  clock: Clock
  logger: Logger
}

export interface WishlistPage {
  after?: Position
  limit: number
}

export type Wishlist = ReturnType<typeof createWishlist>

/** What customers would like to have, each wish with what has changed since. */
export function createWishlist({ storage, catalog, carts, clock, logger }: WishlistOptions) {
  const wishes = storage.collection(WISHLIST)
  const sharing = createSharing({ storage, clock })
  const moving = createMoving({ wishes, carts, catalog, clock, logger })
  const own = (user_id: string) => ({ index: 'by_user', equal: [user_id] })

  async function page<View>(
    user_id: string,
    wanted: WishlistPage,
    show: (wish: Wish, product: ShownProduct | undefined) => View,
  ) {
    const { items, next } = await wishes.list({ ...own(user_id), order: 'desc', ...wanted })
    const products = await catalog.shown(items.map(({ product_id }) => product_id))
    return { items: items.map((wish) => show(wish, products.get(wish.product_id))), next }
  }

  return {
    ...createAdding({ wishes, catalog, clock }),
    move: moving.move,
    /** Newest first. */
    async list(user_id: string, { total, ...wanted }: WishlistPage & { total: boolean }) {
      const [found, share, counted] = await Promise.all([
        page(user_id, wanted, wishView),
        sharing.find(user_id),
        total ? wishes.count(own(user_id)) : undefined,
      ])
      return { ...found, shared_since: share?.updated_at ?? null, ...(counted && { total: counted }) }
    },
    /** Throws `not_in_wishlist`. */
    async remove(user_id: string, product_id: string): Promise<void> {
      for (;;) {
        const wish = await wishes.getBy('product', [user_id, product_id])
        if (!wish) throw notInWishlist()
        if (await wishes.remove(wish.id, wish.version)) return
      }
    },
    share: sharing.share,
    revoke: sharing.revoke,
    /** What a link shows, to whoever has it. Throws `wishlist_not_found`. */
    async shared(token: string, wanted: WishlistPage) {
      const owner = await sharing.ownerOf(token)
      if (owner === undefined) throw wishlistNotFound()
      const { items, next } = await page(owner, wanted, sharedWishView)
      return { items: items.filter((item) => item !== undefined), next }
    },
    /** Finishes moves into carts that a crash left half-way. */
    recover: moving.recover,
    /** Removes all of a person; may be repeated after a crash. */
    async forget(user_id: string): Promise<void> {
      await sharing.revoke(user_id)
      await emptyList(
        wishes,
        own(user_id),
        async ({ id, version }) => void (await wishes.remove(id, version)),
      )
    },
    /** All that is kept of a person, as plain JSON. */
    async known(user_id: string) {
      return knownOf(await listAll(wishes, own(user_id)), await sharing.find(user_id))
    },
  }
}
