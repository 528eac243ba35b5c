import { type Clock, timestamp } from '../../kernel/clock.ts'
import { isRefusal } from '../../kernel/errors.ts'
import { newId } from '../../kernel/ids.ts'
import { createKeyedQueue } from '../../kernel/keyed-queue.ts'
import { insertOnce } from '../../storage/insert-once.ts'
import { listAll } from '../../storage/list-all.ts'
import type { Collection } from '../../storage/storage.ts'
import type { Catalog } from '../catalog/catalog.ts'
import { freePlace, offerOf, productNotFound, unknownSku, wishlistBusy, wishlistFull } from './rules.ts'
import { MAX_WISHES, type Wish } from './schema.ts'
import { wishView } from './view-rules.ts'
import type { NewWish, WishView } from './wish-schema.ts'

/** Each try loses to another node that took the same place. */
const MAX_TRIES = 20
/** How many changes of one wishlist wait for each other in one process. */
const MAX_WAITING = 1_000

interface Needs {
  wishes: Collection<Wish>
  catalog: Pick<Catalog, 'shown'>
  clock: Clock
}

/** Adds to wishlists. Each wish takes a place that is unique for its owner, so that no rush makes them more than there are places. */
export function createAdding({ wishes, catalog, clock }: Needs) {
  const inTurn = createKeyedQueue({ max_waiting: MAX_WAITING, full: wishlistBusy })

  /** Adds a product, or names another form of one that is there. Throws `product_not_found`, `unknown_sku`, `wishlist_full`. */
  async function add(
    user_id: string,
    { product_id, sku }: NewWish,
  ): Promise<{ wish: WishView; added: boolean }> {
    const product = (await catalog.shown([product_id])).get(product_id)
    if (!product) throw productNotFound()
    const offer = offerOf(product, sku)
    if (!offer) throw unknownSku()
    return inTurn(user_id, async () => {
      for (let tries = 0; tries < MAX_TRIES; tries++) {
        const known = await wishes.getBy('product', [user_id, product_id])
        const wish = known
          ? await withSku(known, { ...offer, sku })
          : await inserted({ user_id, product_id, ...(sku !== undefined && { sku }), ...offer }, tries > 0)
        if (wish) return { wish: wishView(wish, product), added: !known }
      }
      throw wishlistBusy()
    })
  }

  /** Undefined when another one was faster. */
  async function inserted(
    wish: Pick<Wish, 'user_id' | 'product_id' | 'sku' | 'price' | 'available'>,
    again: boolean,
  ): Promise<Wish | undefined> {
    const place = await placeFor(wish.user_id, again)
    if (place === undefined) throw wishlistFull()
    const now = clock.now()
    const at = timestamp(now)
    try {
      return await insertOnce(wishes, {
        ...{ ...wish, id: newId('wsh', now), place, created_at: at, updated_at: at },
      })
    } catch (error) {
      if (isRefusal(error, 'duplicate')) return undefined
      throw error
    }
  }

  /** Mostly the one behind the last; where something was taken out, whichever is free. Undefined when there is none. */
  async function placeFor(user_id: string, again: boolean): Promise<number | undefined> {
    const { value } = await wishes.count({ index: 'by_user', equal: [user_id] })
    if (value >= MAX_WISHES) return undefined
    if (!again) return value
    const taken = await listAll(wishes, { index: 'place', equal: [user_id] })
    return freePlace(taken.map(({ place }) => place))
  }

  /** A wish that is on its way into the cart stays what it is. Undefined when another one was faster. */
  async function withSku(
    wish: Wish,
    wanted: Pick<Wish, 'price' | 'available'> & { sku: string | undefined },
  ): Promise<Wish | undefined> {
    const { sku, price, available } = wanted
    if (sku === undefined || sku === wish.sku || wish.moving) return wish
    try {
      return await wishes.replace({ ...wish, sku, price, available, updated_at: timestamp(clock.now()) })
    } catch (error) {
      if (isRefusal(error, 'version_moved')) return undefined
      throw error
    }
  }

  return { add }
}
