import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { newId } from '../../src/kernel/ids.ts'
import type { UserPrincipal } from '../../src/kernel/principal.ts'
import { createCarts } from '../../src/shop/carts/carts.ts'
import { createCatalog } from '../../src/shop/catalog/catalog.ts'
import { COLLECTIONS } from '../../src/shop/collections.ts'
import { createInventory } from '../../src/shop/inventory/inventory.ts'
import { createSettings } from '../../src/shop/settings/settings.ts'
import { MAX_WISHES, WISHLIST } from '../../src/shop/wishlist/schema.ts'
import { createWishlist } from '../../src/shop/wishlist/wishlist.ts'
import type { Storage } from '../../src/storage/storage.ts'
import { testClock } from '../support/accounts.ts'
import { someUser } from '../support/cart-world.ts'
import { keepingLogger } from '../support/log.ts'
import { folderMedia } from '../support/media.ts'
import { openTestStorage } from '../support/storage.ts'
import { isWrite, tapped } from '../support/tapped-storage.ts'

const CUT = new Error('the process ended here')
const price = { amount: 100, currency: 'USD' }

/** Wishlists, the cart they go into and one product, over a storage that outlives the process. */
async function openWishes(t: TestContext) {
  const { storage } = await openTestStorage(t, COLLECTIONS)
  const clock = testClock()
  const { logger, lines } = keepingLogger()
  const media = await folderMedia(t)
  const open = (over: Storage) => {
    const inventory = createInventory({ storage: over, nodes: 'several', clock })
    const catalog = createCatalog({
      ...{ storage: over, inventory, nodes: 'several', media, clock, logger, currency: 'USD' },
    })
    const settings = createSettings({ storage: over, clock, currency: 'USD' })
    const carts = createCarts({ storage: over, catalog, inventory, settings, clock, currency: 'USD' })
    return { catalog, carts, wishlist: createWishlist({ storage: over, catalog, carts, clock, logger }) }
  }
  const shop = open(storage)
  const product = await shop.catalog.create(
    { name: 'Lamp', status: 'active', price, stock: 5 },
    { operation_id: newId('op'), actor: 'usr_staff' },
  )
  return {
    ...{ ...shop, storage, clock, lines },
    /** Another node on the same storage. */
    other: open(storage),
    product_id: product.id,
    /** Like a process that ends after so many writes. */
    dying(writes: number) {
      let done = 0
      return open(
        tapped(storage, (call, run) => (isWrite(call) && done++ >= writes ? Promise.reject(CUT) : run())),
      )
    },
    pieces: async (user: UserPrincipal) => (await shop.carts.view(user)).item_count,
    wishes: async (user: UserPrincipal) =>
      (await shop.wishlist.list(user.id, { limit: 10, total: false })).items.length,
  }
}

test('a wish that was cut off on its way is in the cart once after the next pass, and no wish any more', async (t) => {
  const { wishlist, dying, clock, pieces, wishes, product_id } = await openWishes(t)
  for (const writes of [0, 1, 2]) {
    const user = someUser()
    await wishlist.add(user.id, { product_id })
    const move = { user, product_id, request: { quantity: 2 }, operation: newId('op') }
    await assert.rejects(dying(writes).wishlist.move(move), CUT)
    clock.turn(10_000)
    await Promise.all([wishlist.recover(), wishlist.recover()])
    const began = writes > 0
    assert.deepEqual([await pieces(user), await wishes(user)], began ? [2, 0] : [0, 1], `${writes} writes`)
    assert.equal((await wishlist.move(move)).item_count, 2, 'and asked again it is there')
    assert.deepEqual([await pieces(user), await wishes(user)], [2, 0])
    const another = wishlist.move({ ...move, operation: newId('op') })
    await assert.rejects(another, { code: 'not_in_wishlist' })
  }
})

test('what is no longer sold when the pass comes stays a wish', async (t) => {
  const { wishlist, catalog, dying, clock, lines, pieces, wishes, product_id } = await openWishes(t)
  const user = someUser()
  await wishlist.add(user.id, { product_id })
  await assert.rejects(dying(1).wishlist.move({ user, product_id, request: {}, operation: newId('op') }), CUT)
  await catalog.archive(product_id, { operation_id: newId('op'), actor: 'usr_staff' })
  clock.turn(10_000)
  await wishlist.recover()
  await wishlist.recover()
  assert.deepEqual([await pieces(user), await wishes(user), lines.length], [0, 1, 1])
})

test('the last place of a wishlist goes to one of those who want it on two nodes at once', async (t) => {
  const { storage, catalog, other, wishlist } = await openWishes(t)
  const user_id = someUser().id
  const at = new Date().toISOString()
  const taken = Array.from({ length: MAX_WISHES - 1 }, (_, place) => ({
    ...{ id: newId('wsh'), user_id, product_id: newId('prd'), place, price, available: 1 },
    ...{ created_at: at, updated_at: at },
  }))
  await storage.collection(WISHLIST).insertMany(taken)
  const rush = Array.from({ length: 6 }, async (_, nth) => {
    const input = { name: `Vase ${nth}`, status: 'active' as const, price, stock: 1 }
    const { id: product_id } = await catalog.create(input, { operation_id: newId('op'), actor: 'usr_staff' })
    return () => (nth % 2 === 0 ? wishlist : other.wishlist).add(user_id, { product_id })
  })
  const outcomes = await Promise.allSettled((await Promise.all(rush)).map((add) => add()))
  const refused = outcomes
    .filter(({ status }) => status === 'rejected')
    .map((one) => 'reason' in one && one.reason.code)
  assert.deepEqual(refused, Array(5).fill('wishlist_full'))
})

test('a person hears all that is kept of their wishes, and nothing is when they are forgotten', async (t) => {
  const { wishlist, dying, product_id } = await openWishes(t)
  const [ann, bob] = [someUser(), someUser()]
  for (const { id } of [ann, bob]) await wishlist.add(id, { product_id })
  const { token, created_at } = await wishlist.share(ann.id)
  const known = await wishlist.known(ann.id)
  assert.deepEqual([known.items[0]!.product_id, known.shared_since], [product_id, created_at])
  for (const writes of [0, 1]) await assert.rejects(dying(writes).wishlist.forget(ann.id), CUT)
  await wishlist.forget(ann.id)
  await wishlist.forget(ann.id)
  assert.deepEqual(await wishlist.known(ann.id), { items: [], shared_since: null })
  await assert.rejects(wishlist.shared(token, { limit: 10 }), { code: 'wishlist_not_found' })
  assert.equal((await wishlist.known(bob.id)).items.length, 1)
})
