import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { openNodes } from '../support/nodes.ts'
import type { SignedInClient } from '../support/people.ts'
import { until } from '../support/until.ts'

const usd = (amount: number) => ({ amount, currency: 'USD' })
const ADDRESS = { name: 'Ann', line1: 'High Street 1', city: 'Leeds', postal_code: 'LS1', country: 'GB' }

let shop: Awaited<ReturnType<typeof openNodes>>
/** The same person of staff at each node. */
let staff: SignedInClient[]
before(async () => {
  shop = await openNodes()
  const one = await shop.asStaff()
  staff = shop.nodes.map((node) => ({ ...one, ...node.withToken(one.access_token) }))
})
after(() => shop.stop())

async function product(fields: object = {}) {
  const { status, body, text } = await staff[0]!.post('/products', {
    name: 'Lamp',
    price: usd(1_000),
    stock: 5,
    ...fields,
  })
  assert.equal(status, 201, text)
  return body
}

test('a change of a product at one node is what every node shows and sells', async () => {
  const { id, slug } = await product()
  for (const [round, writer] of [0, 1, 2, 1, 0].entries()) {
    const price = usd(2_000 + round)
    assert.equal((await staff[writer]!.patch(`/products/${id}`, { price })).status, 200)
    for (const node of shop.nodes) {
      assert.deepEqual((await node.client().get(`/products/${id}`)).body.price, price)
      assert.deepEqual((await node.client().get(`/products/${slug}`)).body.price, price)
      const cart = await node.client().post('/cart/items', { product_id: id, quantity: 1 })
      assert.deepEqual(cart.body.items[0].unit_price, price)
    }
  }
  assert.equal((await staff[2]!.delete(`/products/${id}`)).status, 204)
  for (const node of shop.nodes) {
    assert.equal((await node.client().get(`/products/${id}`)).status, 404)
    assert.equal((await node.client().post('/cart/items', { product_id: id, quantity: 1 })).status, 404)
  }
})

test('what is left after a sale at one node is what every node shows', async () => {
  const { id } = await product({ stock: 5 })
  const buyer = await shop.registerCustomer()
  const seen = async (node: (typeof shop.nodes)[number]) => {
    const cart = await node.client().post('/cart/items', { product_id: id, quantity: 1 })
    return [(await node.client().get(`/products/${id}`)).body.available, cart.body.items[0].available]
  }
  for (let left = 4; left >= 0; left--) {
    const order = await shop.nodes[left % 3]!.withToken(buyer.access_token).post('/orders', {
      shipping_address: ADDRESS,
      payment_method: 'cash_on_delivery',
      items: [{ product_id: id, quantity: 1 }],
    })
    assert.equal(order.status, 201, order.text)
    for (const node of shop.nodes) assert.deepEqual(await seen(node), [left, left])
  }
})

test('a category made at one node can be used at every node at once', async () => {
  for (let round = 0; round < 3; round++) {
    const [maker, user, other] = [staff[round]!, staff[(round + 1) % 3]!, staff[(round + 2) % 3]!]
    // Every node has looked at the tree before, so that there is something to be out of date.
    for (const node of shop.nodes) await node.client().get('/products?category=none')
    const made = await maker.post('/categories', { name: `Lamps ${round}` })
    assert.equal(made.status, 201)
    const category = made.body.id
    const { id } = await product({ name: `Reading lamp ${round}` })
    assert.equal((await user.patch(`/products/${id}`, { category_ids: [category] })).status, 200)
    // A change of something else by a node that has not seen the category keeps it.
    assert.equal((await other.patch(`/products/${id}`, { name: `Bed lamp ${round}` })).status, 200)
    await shop.caughtUp()
    for (const node of shop.nodes) {
      assert.deepEqual((await node.client().get(`/products/${id}`)).body.category_ids, [category])
      const listed = await node.client().get(`/products?category=lamps-${round}`)
      assert.deepEqual(
        listed.body.items.map((card: { id: string }) => card.id),
        [id],
      )
      assert.equal((await node.client().get(`/categories/${category}`)).status, 200)
    }
  }
})

test('changes of the tree at all nodes at once are all made, and a moved one is found by its new place soon', async () => {
  const made = await Promise.all(
    Array.from({ length: 12 }, (_, turn) => staff[turn % 3]!.post('/categories', { name: `Branch ${turn}` })),
  )
  assert.deepEqual([...new Set(made.map(({ status }) => status))], [201])
  const tree = (await shop.client().get('/categories')).body.items
  const slugs = tree.map((category: { slug: string }) => category.slug)
  for (let turn = 0; turn < 12; turn++) assert.ok(slugs.includes(`branch-${turn}`))
  const [parent, child] = made.map(({ body }) => body.id)
  const { id } = await product({ name: 'Leaf lamp', category_ids: [child] })
  const found = async (node: (typeof shop.nodes)[number]) => {
    const { body } = await node.client().get('/products?category=branch-0')
    return body.items.some((card: { id: string }) => card.id === id)
  }
  for (const node of shop.nodes) assert.equal(await found(node), false)
  assert.equal((await staff[1]!.patch(`/categories/${child}`, { parent_id: parent })).status, 200)
  assert.equal(await found(shop.nodes[1]!), true, 'the node that moved it knows')
  await until(async () => (await Promise.all(shop.nodes.map(found))).every(Boolean))
})
