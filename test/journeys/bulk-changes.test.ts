import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { MAX_BULK_CHANGES } from '../../src/shop/catalog/bulk-schema.ts'
import type { Body } from '../support/http-client.ts'
import { type RunningShop, type SignedInClient, startShop } from '../support/shop.ts'

const usd = (amount: number) => ({ amount, currency: 'USD' })

let shop: RunningShop
let staff: SignedInClient
before(async () => {
  shop = await startShop()
  staff = await shop.asStaff()
})
after(() => shop.stop())

let lamps = 0
async function lamp(): Promise<Body> {
  const { body } = await staff.post('/products', {
    name: `Lamp ${++lamps}`,
    price: usd(1_000),
    status: 'active',
  })
  return body
}
const bulk = (changes: unknown) => staff.patch('/products', { changes })

test('each change has its verdict, and those that are refused stop none of the others', async () => {
  const [one, two, three] = [await lamp(), await lamp(), await lamp()]
  const { status, body } = await bulk([
    { id: one.id, price: usd(900), stock: 12 },
    { id: two.slug, tags: ['sale'], version: two.version },
    { id: three.id, status: 'active' },
    { id: three.id, price: { amount: 9.5, currency: 'USD' } },
    { id: three.id, sku: two.sku },
    { id: three.id, name: 'Late', version: 99 },
    { id: 'prd_none', name: 'Nobody' },
    { name: 'no id' },
    'nothing',
    { id: { toString: 1 }, name: 'no text' },
  ])
  assert.equal(status, 200)
  assert.deepEqual([body.changed, body.unchanged, body.refused], [2, 1, 7])
  assert.deepEqual(
    body.items.map(({ index, result, code }: Body) => [index, result, code]),
    [
      [0, 'changed', undefined],
      [1, 'changed', undefined],
      [2, 'unchanged', undefined],
      [3, 'refused', 'invalid_change'],
      [4, 'refused', 'sku_taken'],
      [5, 'refused', 'version_moved'],
      [6, 'refused', 'product_not_found'],
      [7, 'refused', 'invalid_change'],
      [8, 'refused', 'invalid_change'],
      [9, 'refused', 'invalid_change'],
    ],
  )
  assert.deepEqual(
    body.items.map(({ id }: Body) => id),
    [one.id, two.id, three.id, null, three.id, three.id, null, null, null, null],
  )
  assert.equal(body.items[3].errors[0].pointer, '/price/amount')
  const { body: now } = await staff.get(`/products/${one.id}`)
  assert.deepEqual([now.price, now.available, now.version], [usd(900), 12, body.items[0].version])
  assert.deepEqual((await staff.get(`/products/${two.id}`)).body.tags, ['sale'])
})

test('several changes of one product are made in the order of the request', async () => {
  const { id } = await lamp()
  const changes = Array.from({ length: 20 }, (_, n) => ({ id, name: `Name ${n}` }))
  assert.equal((await bulk(changes)).body.changed, 20)
  assert.equal((await staff.get(`/products/${id}`)).body.name, 'Name 19')
})

test('changes of one product are made in their order also where some name it by its slug', async () => {
  for (let n = 0; n < 5; n++) {
    const { id, slug } = await lamp()
    const body = await bulk([
      { id: slug, name: 'First', slug: `${slug}-anew`, stock: 3 },
      { id, name: 'Second' },
      { id: slug, name: 'Third' },
    ])
    assert.equal(body.body.changed, 3, body.text)
    assert.equal((await staff.get(`/products/${id}`)).body.name, 'Third')
  }
})

test('a request may be repeated: what was changed by then is unchanged', async () => {
  const { id } = await lamp()
  const changes = [{ id, tags: ['once'] }]
  assert.equal((await bulk(changes)).body.changed, 1)
  assert.equal((await bulk(changes)).body.unchanged, 1)
})

test('a body that is no list of changes, or too long a list, is refused as a whole', async () => {
  const many = Array.from({ length: MAX_BULK_CHANGES + 1 }, (_, n) => ({ id: `none-${n}`, name: 'x' }))
  for (const changes of [undefined, {}, [], many]) assert.equal((await bulk(changes)).status, 422)
  assert.equal((await bulk(many.slice(1))).body.refused, MAX_BULK_CHANGES)
})
