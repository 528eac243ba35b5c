import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { type RunningShop, type SignedInClient, startShop } from '../support/shop.ts'

const price = { amount: 100, currency: 'USD' }

describe('the catalogue refuses', () => {
  let shop: RunningShop
  let staff: SignedInClient
  before(async () => {
    shop = await startShop()
    staff = await shop.asStaff()
  })
  after(() => shop.stop())

  it('API1-16 ids of every shape: 400 or 404, never 500', async () => {
    const guest = shop.asGuest()
    const ids = [
      '[object Object]',
      '%00',
      '..%2fadmin',
      'x'.repeat(10_000),
      '{"$gt":""}',
      'PRD_01ABCDEF',
      'prd_',
      "'--",
      '%F0%9F%98%80',
    ]
    for (const id of ids) {
      for (const path of ['/products/', '/categories/']) {
        const { status } = await guest.get(path + (id.includes('%') ? id : encodeURIComponent(id)))
        assert.ok([400, 404, 414].includes(status), `${path}${id.slice(0, 20)} answered ${status}`)
        const changed = await staff.patch(path + (id.includes('%') ? id : encodeURIComponent(id)), {
          name: 'x',
        })
        assert.ok(
          [400, 404, 414].includes(changed.status),
          `PATCH ${path}${id.slice(0, 20)} answered ${changed.status}`,
        )
      }
    }
  })

  it('API1-17 what was deleted, and what was never made', async () => {
    const guest = shop.asGuest()
    const { body } = await staff.post('/products', { name: 'Deleted', price })
    assert.equal((await guest.get(`/products/${body.id}`)).status, 200)
    await staff.delete(`/products/${body.id}`)
    assert.equal((await guest.get(`/products/${body.id}`)).status, 404)
    assert.equal(
      (
        await staff.post('/products', {
          name: 'Refused',
          slug: 'refused',
          price: { amount: 1.5, currency: 'USD' },
        })
      ).status,
      422,
    )
    assert.equal((await guest.get('/products/refused')).status, 404)
  })

  it('API3-05 a price of null', async () => {
    const { body } = await staff.post('/products', { name: 'Priced', price })
    const superAdmin = await shop.asSuper()
    assert.equal((await superAdmin.patch(`/products/${body.id}`, { price: null })).status, 422)
    assert.deepEqual((await shop.asGuest().get(`/products/${body.id}`)).body.price, price)
  })

  it('API3-06 amounts and stock that are not whole numbers within their limits', async () => {
    for (const raw of ['true', '"1"', '[1]', '1.5', '-1', '9007199254740993', '1e400']) {
      for (const body of [
        `{"name":"N","price":{"amount":${raw},"currency":"USD"}}`,
        `{"name":"N","price":{"amount":1,"currency":"USD"},"stock":${raw}}`,
      ]) {
        const { status, text } = await staff.request('POST', '/products', { raw: body })
        assert.ok(status === 422 || status === 400, `${body} answered ${status} ${text}`)
      }
    }
    const fraction = await staff.post('/products', { name: 'N', price: { amount: 1.5, currency: 'USD' } })
    assert.match(fraction.body.errors[0].message, /whole/)
    assert.equal((await staff.post('/products', { name: 'N', price, stock: 1e12 })).status, 422)
  })

  it('API3-08 shoppers see no draft and at most ten available', async () => {
    const guest = shop.asGuest()
    const draft = (await staff.post('/products', { name: 'Secret draft', price, status: 'draft', stock: 50 }))
      .body
    assert.equal((await guest.get(`/products/${draft.id}`)).status, 404)
    assert.equal((await guest.get('/products/secret-draft')).status, 404)
    assert.deepEqual((await guest.get('/products?q=secret')).body.items, [])
    assert.equal((await guest.get('/products?status=draft')).status, 403)
    await staff.patch(`/products/${draft.id}`, { status: 'active' })
    const { body } = await guest.get(`/products/${draft.id}`)
    assert.equal(body.available, 10)
    assert.deepEqual(Object.keys(body), [
      ...[
        'id',
        'version',
        'created_at',
        'updated_at',
        'slug',
        'sku',
        'name',
        'description',
        'price',
        'compare_at_price',
      ],
      ...[
        'category_ids',
        'tags',
        'attributes',
        'status',
        'images',
        'options',
        'variants',
        'available',
        'rating',
      ],
    ])
    await shop.caughtUp()
    assert.equal((await guest.get('/products?q=secret')).body.items[0].available, 10)
    assert.equal((await staff.get('/products?q=secret')).body.items[0].available, 50)
  })

  it("API3-16 an id of another product, or any field that is the shop's own", async () => {
    const { body } = await staff.post('/products', { name: 'First', price })
    for (const field of [
      '_id',
      'id',
      'version',
      'created_at',
      'available',
      'rating',
      'skus',
      'pending_stock',
      'sequences',
    ]) {
      assert.equal(
        (await staff.post('/products', { name: 'Second', price, [field]: body.id })).status,
        422,
        field,
      )
    }
  })

  it('API4-03 more keys, elements and letters than a product may have', async () => {
    const keys = Object.fromEntries(Array.from({ length: 900 }, (_, at) => [`k${at}`, 'v']))
    const bodies = [
      { name: 'x'.repeat(201), price },
      { name: 'Keys', price, attributes: keys },
      { name: 'Tags', price, tags: Array.from({ length: 10_000 }, (_, at) => `t${at}`) },
      {
        name: 'Variants',
        price,
        variants: Array.from({ length: 251 }, (_, at) => ({ sku: `s${at}`, options: { a: `${at}` } })),
      },
    ]
    for (const body of bodies) {
      const { status } = await staff.post('/products', body)
      assert.ok([400, 413, 422].includes(status), `${body.name.slice(0, 10)} answered ${status}`)
    }
  })

  it('API5-04 every change by a customer or a guest', async () => {
    const { body } = await staff.post('/products', { name: 'Untouched', price })
    const customer = await shop.registerCustomer()
    for (const [client, expected] of [
      [customer, 403],
      [shop.asGuest(), 401],
    ] as const) {
      for (const path of ['/products', '/categories'])
        assert.equal((await client.post(path, { name: 'x', price })).status, expected)
      for (const method of ['PUT', 'PATCH', 'DELETE']) {
        const sent = method === 'DELETE' ? {} : { body: { price: { amount: 1, currency: 'USD' } } }
        assert.equal((await client.request(method, `/products/${body.id}`, sent)).status, expected)
      }
    }
    assert.deepEqual((await staff.get(`/products/${body.id}`)).body.version, 1)
  })
})
