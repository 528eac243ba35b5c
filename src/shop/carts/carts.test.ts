import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openCartWorld, someGuest, someUser } from '../../../test/support/cart-world.ts'
import { isRefusal } from '../../kernel/errors.ts'
import { newId } from '../../kernel/ids.ts'
import { MAX_CART_LINES, MAX_LINE_QUANTITY } from './schema.ts'

const DAY_MS = 86_400_000
const code = (expected: string) => (error: unknown) => isRefusal(error, expected)

test('a cart shows its lines with the prices and the stock of now', async (t) => {
  const world = await openCartWorld(t)
  const carts = world.open()
  const [mug, hat] = [await world.stockUp(500, 100), await world.stockUp(1_250, 3)]
  const principal = someGuest()
  await carts.addItem({ principal, item: { product_id: mug.product_id, quantity: 2 } })
  await carts.addItem({ principal, item: { product_id: mug.product_id, quantity: 1 } })
  const { cart } = await carts.addItem({ principal, item: { product_id: hat.product_id, quantity: 4 } })
  assert.deepEqual(
    cart.items.map(({ sku, quantity, line_total, available }) => [
      sku,
      quantity,
      line_total?.amount,
      available,
    ]),
    [
      [mug.sku, 3, 1_500, 10],
      [hat.sku, 4, 5_000, 3],
    ],
  )
  assert.deepEqual([cart.item_count, cart.subtotal], [7, { amount: 6_500, currency: 'USD' }])
  assert.deepEqual(await carts.view(principal), cart)
  assert.deepEqual((await carts.view(someGuest())).items, [])
})

test('staff see all that is available, shoppers that it is ten or more', async (t) => {
  const world = await openCartWorld(t)
  const carts = world.open()
  const mug = await world.stockUp(500, 40)
  const staff = { ...someUser(), role: 'admin' } as const
  const item = { product_id: mug.product_id, quantity: 1 }
  const { cart } = await carts.addItem({ principal: staff, item })
  assert.equal(cart.items[0]!.available, 40)
})

test('a shopper who sees ten or more is warned of short stock only where there are fewer than wanted', async (t) => {
  const world = await openCartWorld(t)
  const carts = world.open()
  const { product_id } = await world.stockUp(500, 40)
  const principal = someUser()
  for (const [quantity, codes] of [
    [40, []],
    [41, ['insufficient_stock']],
  ] as const) {
    const [line] = (await carts.setItem({ principal, product_id, item: { quantity } })).items
    assert.deepEqual([line!.available, line!.warnings.map(({ code }) => code)], [10, codes])
  }
})

test('a cart warns of a changed price, of short stock and of what is no longer sold', async (t) => {
  const world = await openCartWorld(t)
  const carts = world.open()
  const [mug, hat, cap] = [
    await world.stockUp(500, 9),
    await world.stockUp(900, 0),
    await world.stockUp(100, 2),
  ]
  const principal = someUser()
  for (const { product_id } of [mug, hat, cap]) {
    await carts.addItem({ principal, item: { product_id, quantity: 3 } })
  }
  world.shelf.set(mug.product_id, { ...mug, price: { amount: 600, currency: 'USD' } })
  const warnings = async () =>
    (await carts.view(principal)).items.map((item) => item.warnings.map((warning) => warning.code))
  assert.deepEqual(await warnings(), [['price_changed'], ['out_of_stock'], ['insufficient_stock']])
  assert.equal((await carts.view(principal)).subtotal.amount, 1_800 + 2_700 + 300)
  world.shelf.delete(hat.product_id)
  assert.deepEqual(await warnings(), [['price_changed'], ['gone'], ['insufficient_stock']])
  const view = await carts.view(principal)
  assert.deepEqual([view.items[1]!.unit_price, view.items[1]!.name], [null, hat.name])
  assert.equal(view.subtotal.amount, 1_800 + 300)
  await carts.setItem({ principal, product_id: mug.product_id, item: { quantity: 3 } })
  assert.deepEqual(await warnings(), [[], ['gone'], ['insufficient_stock']])
})

test('lines are set, removed and cleared, and doing so again changes nothing', async (t) => {
  const world = await openCartWorld(t)
  const carts = world.open()
  const [mug, hat] = [await world.stockUp(500, 9), await world.stockUp(900, 9)]
  const principal = someUser()
  assert.equal((await carts.clear({ principal })).id, null)
  await carts.setItem({ principal, product_id: mug.product_id, item: { quantity: 5 } })
  await carts.setItem({ principal, product_id: hat.product_id, item: { quantity: 1 } })
  const removed = await carts.setItem({ principal, product_id: hat.product_id, item: { quantity: 0 } })
  assert.deepEqual(
    removed.items.map(({ sku, quantity }) => [sku, quantity]),
    [[mug.sku, 5]],
  )
  assert.deepEqual(await carts.removeItem({ principal, product_id: hat.product_id }), removed)
  const cleared = await carts.clear({ principal })
  assert.deepEqual([cleared.items, cleared.version], [[], removed.version + 1])
  assert.deepEqual(await carts.clear({ principal }), cleared)
})

test('what cannot go into a cart is refused with its reason', async (t) => {
  const world = await openCartWorld(t)
  const carts = world.open()
  const [mug, yen] = [await world.stockUp(500, 9), await world.stockUp(900, 9, 'JPY')]
  const principal = someUser()
  const add = (product_id: string, quantity: number, sku?: string) =>
    carts.addItem({ principal, item: { product_id, quantity, ...(sku && { sku }) } })
  await assert.rejects(add(newId('prd'), 1), code('product_not_found'))
  await assert.rejects(add(mug.product_id, 1, 'NOPE'), code('unknown_sku'))
  await assert.rejects(add(yen.product_id, 1), code('currency_mismatch'))
  await add(mug.product_id, MAX_LINE_QUANTITY)
  await assert.rejects(add(mug.product_id, 1), code('line_full'))
  world.shelf.set(mug.product_id, { ...mug, price: { amount: Number.MAX_SAFE_INTEGER, currency: 'USD' } })
  await carts.setItem({ principal, product_id: mug.product_id, item: { quantity: 1 } })
  const before = await carts.view(principal)
  await assert.rejects(add(mug.product_id, 1), code('amount_too_large'))
  assert.deepEqual(await carts.view(principal), before)
})

test('a cart takes 500 lines and not one more', async (t) => {
  const world = await openCartWorld(t)
  const carts = world.open()
  const principal = someUser()
  await world.putCart(principal, MAX_CART_LINES - 1)
  const last = await world.stockUp(100, 0)
  await carts.addItem({ principal, item: { product_id: last.product_id, quantity: 1 } })
  const { product_id } = await world.stockUp(100, 0)
  await assert.rejects(carts.addItem({ principal, item: { product_id, quantity: 1 } }), code('cart_full'))
  await carts.addItem({ principal, item: { product_id: last.product_id, quantity: 1 } })
  assert.equal((await carts.view(principal)).items.length, MAX_CART_LINES)
})

test('a change that expects another version is refused', async (t) => {
  const world = await openCartWorld(t)
  const carts = world.open()
  const { product_id } = await world.stockUp(100, 5)
  const principal = someUser()
  const { cart } = await carts.addItem({ principal, item: { product_id, quantity: 1 }, expected_version: 0 })
  const again = { principal, item: { product_id, quantity: 1 }, expected_version: cart.version + 1 }
  await assert.rejects(carts.addItem(again), code('version_moved'))
  await assert.rejects(carts.clear({ principal, expected_version: 7 }), code('version_moved'))
})

test('a guest who does not come back for 30 days loses the cart, one who looks at it does not', async (t) => {
  const world = await openCartWorld(t)
  const carts = world.open()
  const { product_id } = await world.stockUp(100, 5)
  const [gone, faithful, user] = [someGuest(), someGuest(), someUser()]
  for (const principal of [gone, faithful, user]) {
    await carts.addItem({ principal, item: { product_id, quantity: 1 } })
  }
  world.pass(20 * DAY_MS)
  const seen = await carts.view(faithful)
  assert.equal((await carts.view(faithful)).version, seen.version, 'a look writes once a day at most')
  world.pass(12 * DAY_MS)
  assert.equal(await carts.expire(), 1)
  assert.equal(await carts.expire(), 0)
  const counts = [gone, faithful, user].map(async (owner) => (await carts.view(owner)).item_count)
  assert.deepEqual(await Promise.all(counts), [0, 1, 1])
})

test('an order empties the cart that it was made from, and no newer one', async (t) => {
  const world = await openCartWorld(t)
  const carts = world.open()
  const { product_id, sku } = await world.stockUp(100, 5)
  const principal = someUser()
  assert.equal(await carts.forOrder(principal), undefined)
  await carts.addItem({ principal, item: { product_id, quantity: 2 } })
  const ordered = await carts.forOrder(principal)
  assert.deepEqual(ordered!.lines, [{ product_id, sku, quantity: 2 }])
  await carts.addItem({ principal, item: { product_id, quantity: 1 } })
  await (await carts.emptying(ordered!.cart_id, ordered!.version))()
  assert.equal((await carts.view(principal)).item_count, 3)
  const newer = await carts.forOrder(principal)
  await (await carts.emptying(newer!.cart_id, newer!.version))()
  await (await carts.emptying(newer!.cart_id, newer!.version))()
  assert.equal((await carts.view(principal)).item_count, 0)
  assert.equal(await carts.forOrder(principal), undefined)
})
