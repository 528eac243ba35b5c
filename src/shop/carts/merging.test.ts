import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openCartWorld, someGuest, someUser } from '../../../test/support/cart-world.ts'
import { isRefusal } from '../../kernel/errors.ts'
import type { Collection, Storage } from '../../storage/storage.ts'
import { CARTS, type Cart, MAX_CART_LINES, MAX_LINE_QUANTITY } from './schema.ts'

test('at sign-in the lines of the guest go into the cart of the user, summed, once', async (t) => {
  const world = await openCartWorld(t)
  const carts = world.open()
  const [mug, hat] = [await world.stockUp(500, 9), await world.stockUp(900, 9)]
  const [guest, user] = [someGuest(), someUser()]
  await carts.addItem({ principal: user, item: { product_id: mug.product_id, quantity: 1 } })
  await carts.addItem({ principal: guest, item: { product_id: mug.product_id, quantity: 2 } })
  await carts.addItem({ principal: guest, item: { product_id: hat.product_id, quantity: 4 } })
  await carts.mergeGuest(guest, user)
  await carts.mergeGuest(guest, user)
  const { items } = await carts.view(user)
  assert.deepEqual(
    items.map(({ sku, quantity }) => [sku, quantity]),
    [
      [mug.sku, 3],
      [hat.sku, 4],
    ],
  )
  assert.equal((await carts.view(guest)).id, null)
})

test('nobody who has no cart brings one along', async (t) => {
  const world = await openCartWorld(t)
  const carts = world.open()
  const user = someUser()
  await carts.mergeGuest({ kind: 'anonymous', id: null }, user)
  await carts.mergeGuest(someGuest(), user)
  assert.equal((await carts.view(user)).id, null)
})

test('what the limits cut off at sign-in is named until the shopper changes the cart', async (t) => {
  const world = await openCartWorld(t)
  const carts = world.open()
  const [mug, hat] = [await world.stockUp(500, 9), await world.stockUp(900, 9)]
  const [guest, user] = [someGuest(), someUser()]
  await world.putCart(user, MAX_CART_LINES - 1)
  const full = { quantity: MAX_LINE_QUANTITY }
  await carts.setItem({ principal: user, product_id: mug.product_id, item: full })
  await carts.setItem({ principal: guest, product_id: mug.product_id, item: { quantity: 7 } })
  await carts.setItem({ principal: guest, product_id: hat.product_id, item: { quantity: 2 } })
  await carts.mergeGuest(guest, user)
  const view = await carts.view(user)
  assert.equal(view.items.length, MAX_CART_LINES)
  assert.deepEqual(
    view.warnings.map(({ code, sku, quantity }) => [code, sku, quantity]),
    [
      ['cut_off_by_merge', mug.sku, 7],
      ['cut_off_by_merge', hat.sku, 2],
    ],
  )
  const changed = await carts.setItem({ principal: user, product_id: mug.product_id, item: { quantity: 1 } })
  assert.deepEqual(changed.warnings, [])
})

test('a guest cart on its way takes nothing more and goes to the user who signed in first', async (t) => {
  const world = await openCartWorld(t)
  const { product_id } = await world.stockUp(500, 9)
  const [guest, first, second] = [someGuest(), someUser(), someUser()]
  const add = { principal: guest, item: { product_id, quantity: 2 } }
  const carts = world.open()
  await carts.addItem(add)
  await assert.rejects(world.open(failing(world.storage, 'take')).mergeGuest(guest, first))
  await assert.rejects(carts.addItem(add), (error) => isRefusal(error, 'cart_merged'))
  await carts.mergeGuest(guest, second)
  assert.equal((await carts.view(first)).item_count, 2)
  assert.equal((await carts.view(second)).item_count, 0)
})

for (const step of ['take', 'remove'] as const) {
  test(`a crash before the step "${step}" of a merge is recovered, and nothing counts twice`, async (t) => {
    const world = await openCartWorld(t)
    const { product_id } = await world.stockUp(500, 9)
    const [guest, user] = [someGuest(), someUser()]
    const carts = world.open()
    await carts.addItem({ principal: user, item: { product_id, quantity: 1 } })
    await carts.addItem({ principal: guest, item: { product_id, quantity: 2 } })
    await assert.rejects(world.open(failing(world.storage, step)).mergeGuest(guest, user), /crash/)
    assert.equal(await world.open().recover(), 1)
    assert.equal(await world.open().recover(), 0)
    assert.equal((await carts.view(user)).item_count, 3)
    assert.equal((await carts.view(guest)).id, null)
  })
}

/** The storage up to a step of a merge. */
function failing(storage: Storage, step: 'take' | 'remove'): Pick<Storage, 'collection'> {
  const carts: Collection<Cart> = storage.collection(CARTS)
  const crash = async (): Promise<never> => {
    throw new Error('crash')
  }
  const broken: Collection<Cart> = {
    ...carts,
    insert: crash,
    replace: (cart, events) =>
      step === 'take' && !cart.merging_into ? crash() : carts.replace(cart, events),
    remove: crash,
  }
  return { collection: () => broken as never }
}

test('a person who is forgotten leaves no cart, not even that of the guest which was on its way into it', async (t) => {
  const world = await openCartWorld(t)
  const carts = world.open()
  const mug = await world.stockUp(500, 9)
  const [guest, user, other] = [someGuest(), someUser(), someUser()]
  for (const principal of [guest, user, other])
    await carts.addItem({ principal, item: { product_id: mug.product_id, quantity: 2 } })
  const documents = world.storage.collection(CARTS)
  const half = (await documents.getBy('owner', [guest.id]))!
  await documents.replace({ ...half, merging_into: user.id })
  assert.equal((await carts.known(user.id)).items.length, 1)
  await carts.forget(user.id)
  await carts.forget(user.id)
  await carts.recover()
  assert.deepEqual((await carts.known(user.id)).items, [])
  assert.equal(await documents.getBy('owner', [guest.id]), undefined)
  assert.equal((await carts.view(other)).items.length, 1)
})
