import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { openNodes } from '../support/nodes.ts'
import { PASSWORD } from '../support/people.ts'

let shop: Awaited<ReturnType<typeof openNodes>>
let product_ids: string[]
before(async () => {
  shop = await openNodes()
  const staff = await shop.asStaff()
  const made = await Promise.all(
    ['Lamp', 'Chair', 'Table'].map((name) =>
      staff.post('/products', { name, price: { amount: 1_000, currency: 'USD' }, stock: 50 }),
    ),
  )
  product_ids = made.map(({ body }) => body.id)
})
after(() => shop.stop())

test('a cart that is edited at one node after the other is at once the same at all', async () => {
  const { access_token } = await shop.registerCustomer()
  const at = shop.nodes.map((node) => node.withToken(access_token))
  for (let turn = 0; turn < 12; turn++) {
    const product_id = product_ids[turn % 2]!
    const writer = at[turn % 3]!
    const { status, body } = await writer.post('/cart/items', { product_id, quantity: 1 })
    assert.equal(status, 200)
    assert.equal(body.item_count, turn + 1)
    for (const reader of at) {
      const seen = await reader.get('/cart')
      assert.deepEqual([seen.body.item_count, seen.body.version], [turn + 1, turn + 1])
    }
  }
  assert.equal((await at[1]!.put(`/cart/items/${product_ids[0]}`, { quantity: 0 })).status, 200)
  assert.equal((await at[2]!.delete('/cart')).body.item_count, 0)
  assert.equal((await at[0]!.get('/cart')).body.item_count, 0)
})

test('adds at all nodes at once all count', async () => {
  const guest = shop.client()
  await guest.post('/cart/items', { product_id: product_ids[0], quantity: 1 })
  const answers = await Promise.all(
    Array.from({ length: 45 }, (_, turn) =>
      guest.post('/cart/items', { product_id: product_ids[turn % 3], quantity: 1 }),
    ),
  )
  assert.deepEqual([...new Set(answers.map(({ status }) => status))], [200])
  assert.equal((await guest.get('/cart')).body.item_count, 46)
})

test('one key sent to all nodes at once adds once, and a later repeat at any node adds nothing', async () => {
  const guest = shop.client()
  await guest.post('/cart/items', { product_id: product_ids[0], quantity: 1 })
  const add = () =>
    guest.post('/cart/items', { product_id: product_ids[1], quantity: 2 }, { 'idempotency-key': 'one' })
  const answers = await Promise.all(Array.from({ length: 15 }, add))
  assert.deepEqual([...new Set(answers.map(({ status, text }) => `${status} ${text}`))].length, 1)
  assert.equal(answers.filter(({ headers }) => headers.get('idempotent-replayed') === null).length, 1)
  for (const _node of shop.nodes) {
    const again = await add()
    assert.equal(again.text, answers[0]!.text)
    assert.equal(again.headers.get('idempotent-replayed'), 'true')
  }
})

test('a guest who signs in at two nodes at once brings the cart along once', async () => {
  for (let round = 0; round < 5; round++) {
    const { email } = await shop.registerCustomer()
    const guest = shop.client()
    await guest.post('/cart/items', { product_id: product_ids[0], quantity: 3 })
    const signedIn = await Promise.all(
      shop.nodes.map((node) => node.client(guest.headers).post('/auth/login', { email, password: PASSWORD })),
    )
    for (const { status, body } of signedIn) {
      assert.equal(status, 200)
      const { body: cart } = await shop.withToken(body.access_token).get('/cart')
      assert.equal(cart.item_count, 3)
    }
  }
})
